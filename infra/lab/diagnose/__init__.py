"""Checks of a stage and of a visit to a site, each with advice where it fails."""
