"""The errors of all storages, and what people are told of them.

Every fault of a storage is an ``OSError`` of one of the two kinds below: no caller needs to know
which errors a disk or a bucket has.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class StorageUnavailable(OSError):
    """A file could not be written or read: the storage does not answer, or refuses."""

    status: ClassVar[int] = 503
    code: ClassVar[str] = "storage_unavailable"
    sentence: ClassVar[StrOrPromise] = _(
        "Pictures can’t be saved at the moment. Nothing was changed. Try again in a minute."
    )


class StorageFull(StorageUnavailable):
    """A file could not be written: the storage has no room for it."""

    status = 507
    code = "storage_full"
    sentence = _(
        "There is no room left for pictures. Nothing was changed. Please tell the people who run "
        "this site."
    )


def is_full(error: BaseException) -> bool:
    """Return whether ``error`` says that a disk, or the quota of a user, has no room left."""
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


def as_unavailable(error: BaseException) -> StorageUnavailable | None:
    """Return the error of the storage that ``error`` is; ``None`` if it is of another kind.

    A temporary folder without room is a full storage too: uploads wait there.
    """
    if isinstance(error, StorageUnavailable):
        return error
    return StorageFull(*error.args) if is_full(error) else None
