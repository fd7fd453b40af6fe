"""Where pictures are kept, and what is said when they cannot be.

Every fault of a storage is an ``OSError`` of one of the two kinds below, whichever storage it is:
nobody else needs to know which errors a disk or a bucket has. ``minigram_site.storage.s3`` holds
the S3 storage; a site with local files never imports it.
"""

from __future__ import annotations

import errno
import logging
from typing import Any, ClassVar

from django.core.files.storage import FileSystemStorage

logger = logging.getLogger(__name__)


class StorageUnavailable(OSError):
    """A file could not be kept: the storage does not answer, or refuses."""

    status: ClassVar[int] = 503
    code: ClassVar[str] = "storage_unavailable"
    sentence: ClassVar[str] = (
        "Pictures cannot be saved at the moment. Nothing was changed: try again in a minute."
    )


class StorageFull(StorageUnavailable):
    """A file could not be kept: there is no room for it."""

    status = 507
    code = "storage_full"
    sentence = (
        "There is no room left for pictures. Nothing was changed: please tell whoever runs "
        "this site."
    )


class LocalStorage(FileSystemStorage):
    """Files in ``MEDIA_ROOT``."""

    def _save(self, name: str, content: Any) -> str:
        try:
            return str(super()._save(name, content))  # type: ignore[misc]
        except OSError as error:
            full = error.errno in {errno.ENOSPC, errno.EDQUOT}
            logger.exception("The file %s could not be written.", name)
            raise (StorageFull if full else StorageUnavailable)(*error.args) from error
