"""The files of photos and avatars: names, saving, removing, addresses. Storage API only.

A name holds the hash of the content, in two levels of folders, and the file behind it never
changes; a random part keeps two uploads of one picture apart, so that each can be deleted.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, cast

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction

from photos.images import ProcessedImage

logger = logging.getLogger(__name__)

PHOTO_URL_PREFIX = "/media/photos"
# Sample pictures that many photos refer to (``manage.py populate``): never deleted with one.
SHARED_PREFIX = "samples/"


@dataclass
class StoredFiles:
    """What an upload has left in storage so far."""

    original: str = ""
    renditions: list[tuple[int, int, str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def photo_file_url(code: str, name: str) -> str:
    """Return the address of a photo's file; the view behind it asks who may see it."""
    return f"{PHOTO_URL_PREFIX}/{code}/{name.rpartition('/')[2]}"


@contextmanager
def stored(processed: ProcessedImage, original: IO[bytes] | None) -> Iterator[StoredFiles]:
    """Save an upload's files for the body of the ``with``; if that fails, they go again.

    ``original`` is kept as it came, beside the sizes that are served; without it (avatars) only
    the sizes are. Costs one file write per size.
    """
    files = StoredFiles()
    try:
        _save(files, processed, original)
        yield files
    except BaseException:
        delete_now(files.names)
        raise


def delete_on_commit(names: Iterable[str]) -> None:
    """Delete these files when the transaction that forgets them has really happened."""
    gone = [name for name in names if name]
    transaction.on_commit(lambda: delete_now(gone))


def delete_now(names: Iterable[str]) -> None:
    """Delete these files; one that cannot be deleted is logged and does not keep the others.

    Files below ``SHARED_PREFIX`` belong to many photos and stay.
    """
    for name in names:
        if name.startswith(SHARED_PREFIX):
            continue
        try:
            default_storage.delete(name)
        except OSError:
            logger.exception("The file %s could not be deleted.", name)


def _save(files: StoredFiles, processed: ProcessedImage, original: IO[bytes] | None) -> None:
    salt = secrets.token_hex(4)
    if original is not None:
        original.seek(0)
        digest = hashlib.file_digest(cast(BytesIO, original), "sha256").hexdigest()
        original.seek(0)
        suffix = processed.mime.rpartition("/")[2]
        name = _name("originals", digest, salt, suffix)
        files.original = _store(files, name, File(original))
    for rendition in processed.renditions:
        digest = hashlib.sha256(rendition.data).hexdigest()
        name = _name("renditions", digest, salt, "webp")
        saved = _store(files, name, ContentFile(rendition.data))
        files.renditions.append((rendition.width, rendition.height, saved))


def _name(kind: str, digest: str, salt: str, suffix: str) -> str:
    return f"{kind}/{digest[:2]}/{digest[2:4]}/{digest[:24]}{salt}.{suffix}"


def _store(files: StoredFiles, name: str, content: File[bytes]) -> str:
    # Written down before it is written: a half-written file must be found by the clean-up.
    files.names.append(name)
    saved = default_storage.save(name, content)
    files.names[-1] = saved
    return saved
