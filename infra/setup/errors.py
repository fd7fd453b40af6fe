"""The error of setting a site up."""

from __future__ import annotations


class SetupError(Exception):
    """The site cannot be set up so; the message says why and what to do."""
