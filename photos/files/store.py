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

from minigram_site.web.outages import is_outage
from photos.images import ProcessedImage

logger = logging.getLogger(__name__)

PHOTO_URL_PREFIX = "/media/photos"
# Sample pictures that many photos refer to (``manage.py populate``): never deleted with one.
SHARED_PREFIX = "samples/"


@dataclass
class StoredFiles:
    """The storage names that an upload has written so far."""

    original: str = ""
    renditions: list[tuple[int, int, str]] = field(default_factory=list)
    preview: str = ""
    names: list[str] = field(default_factory=list)
    # Bytes of all of them.
    size: int = 0


def photo_file_url(code: str, name: str) -> str:
    """Return the path of a photo's file; its view checks who may see it."""
    return f"{PHOTO_URL_PREFIX}/{code}/{name.rpartition('/')[2]}"


@contextmanager
def stored(processed: ProcessedImage) -> Iterator[StoredFiles]:
    """Save the files to be served and yield their names; delete them if the body fails.

    Costs one file per size. Raises what the storage raises.
    """
    files = StoredFiles()
    try:
        _save(files, processed)
        yield files
    except BaseException as error:
        _undo(files, error)
        raise


@contextmanager
def original_stored(original: IO[bytes], mime: str) -> Iterator[str]:
    """Save an unchanged upload and yield its storage name; delete it if the body fails."""
    files = StoredFiles()
    try:
        original.seek(0)
        digest = hashlib.file_digest(cast(BytesIO, original), "sha256").hexdigest()
        original.seek(0)
        suffix = mime.rpartition("/")[2]
        name = _name("originals", digest, suffix)
        yield _store(files, name, File(original))
    except BaseException as error:
        _undo(files, error)
        raise


def _undo(files: StoredFiles, error: BaseException) -> None:
    """Delete files whose row was not written.

    Not after an outage of the database, when the commit may have succeeded: a file without a row
    is found by ``check_media``, a row without its files would show a broken picture.
    """
    if not is_outage(error):
        delete_now(files.names)


def delete_on_commit(names: Iterable[str]) -> None:
    """Delete these files after the current transaction has committed."""
    gone = [name for name in names if name]
    transaction.on_commit(lambda: delete_now(gone))


def delete_now(names: Iterable[str]) -> None:
    """Delete these files; one that cannot be deleted is logged, and the others follow.

    Files below ``SHARED_PREFIX`` belong to many photos and stay.
    """
    for name in names:
        if name.startswith(SHARED_PREFIX):
            continue
        try:
            default_storage.delete(name)
        except OSError:
            logger.exception("The file %s could not be deleted.", name)


def _save(files: StoredFiles, processed: ProcessedImage) -> None:
    for rendition in processed.renditions:
        name = _name("renditions", _digest(rendition.data), "webp")
        saved = _store(files, name, ContentFile(rendition.data))
        files.renditions.append((rendition.width, rendition.height, saved))
    if processed.preview is not None:
        data = processed.preview.data
        files.preview = _store(files, _name("previews", _digest(data), "jpg"), ContentFile(data))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _name(kind: str, digest: str, suffix: str) -> str:
    # The random part is new for each attempt: a clean-up deletes only what it wrote itself.
    return f"{kind}/{digest[:2]}/{digest[2:4]}/{digest[:24]}{secrets.token_hex(4)}.{suffix}"


def _store(files: StoredFiles, name: str, content: File[bytes]) -> str:
    # Noted before it is saved: the clean-up must find a half-written file.
    files.names.append(name)
    saved = default_storage.save(name, content)
    files.names[-1] = saved
    files.size += content.size
    return saved
