"""Pictures in local files, below ``MEDIA_ROOT``."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage

from minigram_site.storage.errors import StorageFull, StorageUnavailable, is_full

logger = logging.getLogger(__name__)


class LocalStorage(FileSystemStorage):
    """Django's storage of files, with the errors of ``minigram_site.storage``."""

    @property
    def folder(self) -> str:
        """The folder that holds the files, and the links to those that are public."""
        return str(self.location)

    def _save(self, name: str, content: Any) -> str:
        try:
            return str(super()._save(name, content))  # type: ignore[misc]
        except OSError as error:
            logger.exception("The file %s could not be written.", name)
            unavailable = StorageFull if is_full(error) else StorageUnavailable
            raise unavailable(*error.args) from error

    def free_bytes(self) -> int:
        """Return how many bytes may still be written. Raises ``OSError`` if that is unknown."""
        folder = Path(self.location)
        while not folder.exists():
            folder = folder.parent
        return shutil.disk_usage(folder).free
