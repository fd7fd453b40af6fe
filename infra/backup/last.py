"""The last backup: when it was made, kept in the data folder for the doctor."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings

from infra.backup.manifest import time_of


def _file() -> Path:
    return Path(settings.DATA_DIR) / "last-backup"


def note(moment: str) -> None:
    """Note that a backup of this moment is complete. Raises ``OSError``."""
    _file().write_text(moment)


def made_at() -> datetime | None:
    """Return when the last backup was begun; ``None`` if none was made from this data folder."""
    try:
        return time_of(_file().read_text().strip())
    except (OSError, ValueError):
        return None
