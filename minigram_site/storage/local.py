"""Pictures in local files, below ``MEDIA_ROOT``."""

from __future__ import annotations

import errno
import logging
from typing import Any

from django.core.files.storage import FileSystemStorage

from minigram_site.storage.errors import StorageFull, StorageUnavailable

logger = logging.getLogger(__name__)


class LocalStorage(FileSystemStorage):
    """Django's storage of files, with the errors of ``minigram_site.storage``."""

    def _save(self, name: str, content: Any) -> str:
        try:
            return str(super()._save(name, content))  # type: ignore[misc]
        except OSError as error:
            full = error.errno in {errno.ENOSPC, errno.EDQUOT}
            logger.exception("The file %s could not be written.", name)
            raise (StorageFull if full else StorageUnavailable)(*error.args) from error
