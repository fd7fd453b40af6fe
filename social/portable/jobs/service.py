"""Verbs on imports whose archive is here: decide on one, go on with it, stop it, forget it."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from accounts.models import User
from minigram_site.web.pagination import Cursor, Page, build_page
from social.albums.editing import create_album
from social.portable.jobs import parts, steps
from social.portable.jobs.refusals import JobRefused
from social.portable.models import Import, ImportPart, ImportRefusal

# Of one request, where there is no worker.
REQUEST_SECONDS = 10.0
# Of the files that are not taken so many are named.
LISTED = steps.LISTED


@task()
def import_some() -> None:
    """Do one step of an import that waits: this is what wakes a worker."""
    steps.work()


def import_of(owner: User) -> Import | None:
    """Return the import of a person, ``None`` if there is none or its time is over. One query."""
    job = Import.objects.filter(owner=owner).first()
    over = job is not None and job.ends_at is not None and job.ends_at <= timezone.now()
    return None if over else job


def start(*, owner: User, audience: str = Import.Audience.KEPT, album_title: str = "") -> Import:
    """Bring along what a person has looked at, into a new album of theirs if it has a title.

    One that runs already goes on as it was begun. Returns the import; raises ``JobRefused`` while
    there is nothing to decide. Four statements, one more for an album, and those of the work where
    there is no worker.
    """
    with transaction.atomic():
        job = Import.objects.select_for_update(of=("self",)).filter(owner=owner).first()
        if job is not None and job.state == Import.State.READY:
            _begin(job, audience, album_title)
    if job is None:
        raise JobRefused("not_ready")
    proceed(job)
    if job.state not in {Import.State.IMPORTING, Import.State.DONE, Import.State.FAILED}:
        raise JobRefused("not_ready")
    return job


def proceed(job: Import) -> None:
    """Do what one request can of an import, where there is no worker; ``job`` is as it is then."""
    if job.state in {Import.State.READING, Import.State.IMPORTING}:
        go_on(job)


def go_on(job: Import) -> None:
    """Wake a worker; without one, do what one request can. ``job`` is as it is then."""
    if settings.BACKGROUND_WORKER:
        import_some.enqueue()
        return
    steps.advance(job.pk, REQUEST_SECONDS)
    job.refresh_from_db()


@transaction.atomic
def forget(*, owner: User) -> bool:
    """Stop the import of a person and delete its archive; tell whether there was one.

    Photos that are here stay. Four statements.
    """
    job = Import.objects.select_for_update(of=("self",)).filter(owner=owner).first()
    if job is not None:
        remove(job)
    return job is not None


def delete_ended() -> int:
    """Delete imports whose time is over, and parts that no import knows.

    Returns how many imports it was.
    """
    ended = list(Import.objects.ended())
    for job in ended:
        with transaction.atomic():
            remove(job)
    parts.delete_unknown()
    return len(ended)


def remove(job: Import) -> None:
    """Delete an import with its parts, these with the commit. Four statements."""
    names = list(ImportPart.objects.filter(of=job).values_list("file", flat=True))
    job.delete()
    transaction.on_commit(lambda: parts.delete(names))


def refusals_page(job: Import, cursor: Cursor | None, size: int) -> Page[ImportRefusal]:
    """Return a page of the files that are not taken, in the order of the archive. One query.

    The first ``LISTED`` are kept.
    """
    rows = ImportRefusal.objects.filter(of=job)

    def fetch(cursor: Cursor | None, limit: int) -> list[ImportRefusal]:
        if cursor is None:
            return list(rows.order_by("pk")[:limit])
        (at,) = cursor.position
        if cursor.backward:
            return list(rows.filter(pk__lt=at).order_by("-pk")[:limit])
        return list(rows.filter(pk__gt=at).order_by("pk")[:limit])

    return build_page(fetch, cursor, size, lambda row: (row.pk,))


def _begin(job: Import, audience: str, album_title: str) -> None:
    """Count anew what becomes of the archive: what was counted so far is what it looks like."""
    if album_title:
        job.album_id = create_album(owner=job.owner, title=album_title).pk
    job.refusals.all().delete()
    job.state, job.audience, job.ends_at = Import.State.IMPORTING, audience, None
    job.done = job.imported = job.already = job.refused = job.alone = job.comments = 0
    job.save()
