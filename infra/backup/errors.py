"""The error of backups."""

from __future__ import annotations


class BackupError(Exception):
    """A backup cannot be made, read or restored; the message says why and what to do."""
