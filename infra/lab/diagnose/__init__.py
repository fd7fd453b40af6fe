"""Checks of a site and of a stage, each with advice where it fails."""
