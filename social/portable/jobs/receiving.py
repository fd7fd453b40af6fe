"""Verbs on archives on their way here: begin to send one, and send its parts one after the other.

Where a person is told to go on is ``Import.received``: a part counts once it is in storage and in
the database, and each begins where the one before has ended. So whatever is lost on its way, in a
process that was killed or with a browser that was closed, is one part.
"""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import IO

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.doors.site import site_settings
from accounts.models import User
from minigram_site.fields.text import clean_line
from minigram_site.storage import StorageFull
from minigram_site.web.outages import is_outage
from social.portable.jobs import parts
from social.portable.jobs.refusals import JobRefused, WrongOffset
from social.portable.jobs.service import go_on, remove
from social.portable.models import Import, ImportPart

GIGABYTE = 1024**3
# How long the next part may take to come; then what is here is deleted.
PATIENCE = timedelta(days=1)
NAME_LENGTH = 200


def begin(*, owner: User, name: str, size: int) -> Import:
    """Expect an archive of ``size`` bytes that its owner calls ``name``; return its import.

    The same name and size as of what is on its way go on with that: ``received`` says where.
    Anything else takes its place, but not that of an import that runs. Raises ``JobRefused``.
    Two statements to go on, five for a new one.
    """
    name = clean_line(name)[:NAME_LENGTH]
    with transaction.atomic():
        # Whoever begins twice at once waits here.
        User.objects.select_for_update(no_key=True).only("pk").get(pk=owner.pk)
        job = Import.objects.filter(owner=owner).first()
        if job is not None and job.state in {Import.State.READING, Import.State.IMPORTING}:
            raise JobRefused("import_running")
        if job is not None and _is_the_same(job, name, size):
            return job
        _require_allowed(size)
        if job is not None:
            remove(job)
        return Import.objects.create(
            owner=owner,
            name=name,
            size=size,
            part_size=min(parts.PART_BYTES, settings.MAX_UPLOAD_BYTES),
            ends_at=timezone.now() + PATIENCE,
        )


def require_job(owner: User) -> Import:
    """Return the import of a person that expects a part. One query. Raises ``JobRefused``."""
    job = Import.objects.filter(owner=owner, state=Import.State.RECEIVING).first()
    if job is None:
        raise JobRefused("not_receiving")
    return job


def receive(*, owner: User, offset: int, content: IO[bytes], length: int) -> Import:
    """Take the part that begins at ``offset`` and has ``length`` bytes; return the import.

    With the last one it is looked through: by the worker, or where there is none at once, as far as
    one request can. Raises ``WrongOffset`` unless the part is the next, ``JobRefused`` if none is
    expected or it has another length than ``Import.part_size`` or the rest, and
    ``StorageUnavailable``. Three statements beside those of looking.
    """
    job = require_job(owner)
    if offset != job.received:
        raise WrongOffset(job.received)
    if length != min(job.part_size, job.size - job.received):
        raise JobRefused("wrong_part")
    try:
        parts.require_room(length)
    except StorageFull:
        raise JobRefused("no_room") from None
    _keep(job, content, length)
    if job.state == Import.State.READING:
        go_on(job)
    return job


def receive_file(*, owner: User, name: str, content: IO[bytes], size: int) -> Import:
    """Take a whole archive that came in one request: as ``begin`` and ``receive`` do."""
    job = begin(owner=owner, name=name, size=size)
    content.seek(job.received)
    while job.state == Import.State.RECEIVING:
        length = min(job.part_size, size - job.received)
        piece = BytesIO(content.read(length))
        job = receive(owner=owner, offset=job.received, content=piece, length=length)
    return job


def _is_the_same(job: Import, name: str, size: int) -> bool:
    return job.state == Import.State.RECEIVING and (job.name, job.size) == (name, size)


def _require_allowed(size: int) -> None:
    """Raise ``JobRefused`` for an archive that the site does not take, by its size."""
    gigabytes = site_settings().import_gigabytes
    if not gigabytes:
        raise JobRefused("imports_closed")
    if size <= 0:
        raise JobRefused("archive_empty")
    if size > gigabytes * GIGABYTE:
        raise JobRefused("archive_too_large", gigabytes=gigabytes)
    try:
        parts.require_room(size)
    except StorageFull:
        raise JobRefused("no_room") from None


def _keep(job: Import, content: IO[bytes], length: int) -> None:
    """Write a part, and count it unless another request has done so meanwhile."""
    name = parts.save(content)
    try:
        _count(job, name, length)
    except BaseException as error:
        # After an outage the commit may have succeeded: then the part is needed.
        if not is_outage(error):
            parts.delete([name])
        raise


@transaction.atomic
def _count(job: Import, name: str, length: int) -> None:
    rows = Import.objects.filter(pk=job.pk, state=Import.State.RECEIVING, received=job.received)
    is_last = job.received + length == job.size
    state = Import.State.READING if is_last else Import.State.RECEIVING
    ends_at = None if is_last else timezone.now() + PATIENCE
    if not rows.update(received=F("received") + length, state=state, ends_at=ends_at):
        raise WrongOffset(require_job(job.owner).received)
    ImportPart.objects.create(of=job, number=job.received // job.part_size, file=name)
    job.received, job.state, job.ends_at = job.received + length, state, ends_at
