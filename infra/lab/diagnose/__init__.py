"""Looks at a site or a stage: is it in order."""
