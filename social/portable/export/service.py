"""Verbs on exports: ask for one, make it step by step, delete it when its time is over.

What is to be done stands in the ``Export`` row, and what is done in the half-finished archive of
this machine (``archive_file``): a process that was killed loses the entry it was writing. A step
takes some seconds, so that a worker does not keep uploads waiting. Nothing of it is at an address
that could be guessed: the finished archive has a random name in storage, and is sent to its owner
alone.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks import task

from accounts.models import User
from photos import files
from photos.models import Photo
from social.portable.export import archive_file, contents, writing
from social.portable.export.archive_file import ArchiveFile
from social.portable.models import Export

logger = logging.getLogger(__name__)

# How long an archive can be fetched; then it is deleted.
LIFETIME = timedelta(days=7)
# Longer than any single picture takes to be copied.
CLAIM_LIFETIME = timedelta(minutes=2)
# Steps that ended with their process, or an error, before it is given up.
MAX_ATTEMPTS = 5
# Of one step of a worker; and of the request that asks, where there is no worker.
STEP_SECONDS, REQUEST_SECONDS = 3.0, 10.0
# One that was asked for so lately is not made anew.
FRESH = timedelta(hours=1)
# Files that nobody knows are deleted at that age: a younger one may be in the making.
SETTLED = timedelta(days=1)
# Bytes that stay free on the disk for the site itself.
RESERVE = 512 * 1024 * 1024
# The folder of finished archives in storage.
STORED = "exports"

REASONS = {
    "no_room": _(
        "There isn’t enough room for your file on this site. Please tell the people who run "
        "this site."
    ),
    "failed": _(
        "Your file couldn’t be prepared. Try again; if it fails again, please tell the people "
        "who run this site."
    ),
}


class NotReady(Exception):
    """There is no archive that could be fetched: none was asked for, or it is not finished."""


@task()
def make_some() -> None:
    """Do one step of an export that waits: this is what wakes a worker."""
    work()


def ask(*, owner: User) -> Export:
    """Let an archive be made for ``owner``; one that is being made goes on instead.

    One that was ready is deleted and made anew, unless it was asked for within ``FRESH``. Where
    there is no worker a part of the work is done now, and every further call does another. Up to
    four statements beside the steps.
    """
    with transaction.atomic():
        # Whoever asks twice at once waits here.
        User.objects.select_for_update(no_key=True).only("pk").get(pk=owner.pk)
        export = Export.objects.filter(owner=owner).first()
        if export is not None and not _may_stay(export):
            _delete(export)
            export = None
        if export is None:
            export = Export.objects.create(owner=owner, total=_number_of_pictures(owner))
    if export.state != Export.State.MAKING:
        return export
    if settings.BACKGROUND_WORKER:
        make_some.enqueue()
    else:
        advance(export.pk, REQUEST_SECONDS)
        export.refresh_from_db()
    return export


def export_of(owner: User) -> Export | None:
    """Return the export of a person, ``None`` if there is none or its time is over. One query."""
    export = Export.objects.filter(owner=owner).first()
    over = export is not None and export.ends_at is not None and export.ends_at <= timezone.now()
    return None if over else export


def archive_of(owner: User) -> tuple[str, str]:
    """Return the storage name of a person's archive, and what it is called on their disk.

    One query. Raises ``NotReady`` unless it is finished and its time is not over.
    """
    export = export_of(owner)
    if export is None or export.state != Export.State.READY:
        raise NotReady
    return export.archive, f"{owner.username}-{export.pk}.zip"


def reason_of(export: Export) -> str:
    """Return the sentence that tells a person why their export failed, if it has. No query."""
    return str(REASONS.get(export.reason, ""))


@transaction.atomic
def forget(*, owner: User) -> bool:
    """Delete the export of a person and its archive; tell whether there was one."""
    export = Export.objects.select_for_update().filter(owner=owner).first()
    if export is not None:
        _delete(export)
    return export is not None


def delete_ended() -> int:
    """Delete the files whose time is over, and files that no export knows.

    Returns how many exports it was.
    """
    ended = list(Export.objects.ended())
    for export in ended:
        with transaction.atomic():
            _delete(export)
    _delete_unknown_files()
    return len(ended)


def work() -> bool:
    """Do one step of the export that waits longest; tell whether there was one. One query if not.

    A worker calls it between uploads.
    """
    waiting = Export.objects.unfinished().unclaimed().order_by("pk")
    export_id = waiting.values_list("pk", flat=True).first()
    if export_id is None:
        return False
    advance(export_id, STEP_SECONDS)
    return True


def advance(export_id: int, seconds: float) -> bool:
    """Work on an export for about so many seconds; tell whether that was possible.

    Not if it is finished, gone, or another process works on it. What goes wrong is logged, and
    after ``MAX_ATTEMPTS`` in a row the export has failed. Raises errors of the database.
    """
    export = _claim(export_id)
    if export is None:
        return False
    try:
        _step(export, time.monotonic() + seconds)
    except _Gone:
        archive_file.remove(_path(export_id))
    except OSError as error:
        logger.warning("Export %s: %s", export_id, error)
        full = shutil.disk_usage(_folder()).free < RESERVE
        _fail(export, "no_room" if full else "failed", last=full or export.attempts >= MAX_ATTEMPTS)
    except Exception:
        logger.exception("Export %s could not be made.", export_id)
        _fail(export, "failed", last=export.attempts >= MAX_ATTEMPTS)
    return True


class _Gone(Exception):
    """The export was deleted meanwhile, with its account or without."""


def _folder() -> Path:
    """Return where archives are while they are made."""
    return Path(settings.DATA_DIR) / "exports"


def _delete_unknown_files() -> None:
    """Delete half-finished archives that nobody waits for, and finished ones without a row."""
    oldest = timezone.now() - SETTLED
    making = {str(pk) for pk in Export.objects.unfinished().values_list("pk", flat=True)}
    for path in _folder().iterdir() if _folder().exists() else ():
        if path.stem not in making and path.stat().st_mtime < oldest.timestamp():
            path.unlink(missing_ok=True)
    try:
        folders, _ = default_storage.listdir(STORED)
    except FileNotFoundError:
        return
    stored = [f"{STORED}/{one}/{name}" for one in folders for name in _names_in(f"{STORED}/{one}")]
    known = set(Export.objects.exclude(archive="").values_list("archive", flat=True))
    unknown = [name for name in stored if name not in known]
    files.delete_now(name for name in unknown if default_storage.get_modified_time(name) < oldest)


def _names_in(folder: str) -> list[str]:
    return default_storage.listdir(folder)[1]


def _may_stay(export: Export) -> bool:
    """Tell whether an export is being made, or is ready and fresh."""
    is_fresh = timezone.now() - export.asked_at < FRESH
    is_ready = export.state == Export.State.READY
    return export.state == Export.State.MAKING or (is_ready and is_fresh)


def _path(export_id: int) -> Path:
    return _folder() / f"{export_id}.zip"


def _number_of_pictures(owner: User) -> int:
    return sum(1 + len(more) for more in contents.own_photos(owner).values_list("more", flat=True))


def _claim(export_id: int) -> Export | None:
    rows = Export.objects.unfinished().unclaimed().filter(pk=export_id)
    until = timezone.now() + CLAIM_LIFETIME
    if not rows.update(claimed_until=until, attempts=F("attempts") + 1):
        return None
    export = Export.objects.select_related("owner").filter(pk=export_id).first()
    if export is not None and export.attempts > MAX_ATTEMPTS:
        # Whoever worked on it was killed each time, without getting any further.
        _fail(export, "failed", last=True)
        return None
    return export


def _step(export: Export, until: float) -> None:
    """Copy pictures until the time is over, or to the end of the archive. Raises ``OSError``."""
    with ArchiveFile(_path(export.pk)) as archive:
        there = archive.names
        if not archive.was_resumed:
            # Another machine has what was done, or nothing was.
            export.after = export.done = 0
        for photo in _photos(export):
            if shutil.disk_usage(_folder()).free < RESERVE:
                raise OSError("The disk is nearly full.")
            export.done += writing.add_originals(archive, photo, there)
            export.after = photo.pk
            if time.monotonic() > until:
                _note(export, claimed_until=None)
                return
            _note(export, claimed_until=timezone.now() + CLAIM_LIFETIME)
        writing.add_the_rest(archive, export.owner, timezone.now())
        size = archive.finish()
    _publish(export, size)


def _photos(export: Export) -> Iterator[Photo]:
    photos = contents.own_photos(export.owner).order_by("pk")
    after = export.after
    while some := list(photos.filter(pk__gt=after)[: contents.CHUNK]):
        yield from some
        after = some[-1].pk


def _note(export: Export, *, claimed_until: datetime | None) -> None:
    """Keep how far it is; a step that got there has not failed. Raises ``_Gone``."""
    rows = Export.objects.unfinished().filter(pk=export.pk)
    changes = {"done": export.done, "after": export.after, "claimed_until": claimed_until}
    if not rows.update(attempts=0, **changes):
        raise _Gone


def _publish(export: Export, size: int) -> None:
    """Move the finished archive into storage. Raises ``_Gone``, ``OSError``."""
    secret = secrets.token_hex(32)
    with _Moved(_path(export.pk)) as content:
        name = default_storage.save(f"{STORED}/{secret[:2]}/{secret}.zip", content)
    rows = Export.objects.unfinished().filter(pk=export.pk)
    ready = rows.update(
        state=Export.State.READY,
        archive=name,
        size=size,
        done=F("total"),
        claimed_until=None,
        ends_at=timezone.now() + LIFETIME,
    )
    if not ready:
        files.delete_now([name])
        raise _Gone
    archive_file.remove(_path(export.pk))


class _Moved(File):  # type: ignore[type-arg]
    """A file that a storage on this disk takes over instead of copying it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb"))
        self._path = path

    def temporary_file_path(self) -> str:
        """Return where the file is: what Django's storage asks an upload for."""
        return str(self._path)


def _fail(export: Export, reason: str, *, last: bool) -> None:
    rows = Export.objects.unfinished().filter(pk=export.pk)
    if not last:
        rows.update(claimed_until=None)
        return
    archive_file.remove(_path(export.pk))
    ends_at = timezone.now() + LIFETIME
    rows.update(state=Export.State.FAILED, reason=reason, claimed_until=None, ends_at=ends_at)


def _delete(export: Export) -> None:
    """Delete the row, and the archive with the commit."""
    export_id, archive = export.pk, export.archive
    export.delete()
    files.delete_on_commit([archive])
    transaction.on_commit(lambda: archive_file.remove(_path(export_id)))
