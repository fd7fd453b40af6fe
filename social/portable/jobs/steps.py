"""Steps of the worker: some seconds of looking through an archive, or of bringing it along.

How far it is stands in the row, with each post: a process that was killed loses the post at hand,
which is here already when the next one comes to it if its photo was committed. Between two steps
the worker looks for uploads, which others wait for.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.http import Http404
from django.utils import timezone

from minigram_site.fields.text import clean_line
from minigram_site.storage import StorageFull
from social.albums.contents import add
from social.portable.importing import ArchiveRefused, Choices, Outcome, Refusal, Run, open_sent
from social.portable.importing.posts import Post
from social.portable.jobs import parts
from social.portable.models import Import, ImportPart, ImportRefusal

logger = logging.getLogger(__name__)

# Longer than a post of ten pictures takes, each of which may be decoded for 40 s.
CLAIM_LIFETIME = timedelta(minutes=7)
# Steps that ended with their process, or an error, before it is given up.
MAX_ATTEMPTS = 5
STEP_SECONDS = 3.0
# What takes long to open is worked on for so many times as long: the next step opens it again.
OPENING = 2
# How long a person has to decide, and how long they can read what became of it.
DECIDING, KEPT = timedelta(days=2), timedelta(days=7)
# Of the files that are not taken so many are named; all are counted.
LISTED = 5000
# Of several attempts in a row each waits longer by so much.
PAUSE = timedelta(seconds=30)
NAME_LENGTH = 200


class _Gone(Exception):
    """The import was stopped meanwhile, or its account deleted."""


def work() -> bool:
    """Do one step of the import that waits longest; tell whether there was one. One query if not.

    A worker calls it between uploads.
    """
    waiting = Import.objects.unfinished().unclaimed().of_members().order_by("pk")
    job_id = waiting.values_list("pk", flat=True).first()
    if job_id is None:
        return False
    advance(job_id, STEP_SECONDS)
    return True


def advance(job_id: int, seconds: float) -> bool:
    """Work on an import for about so many seconds; tell whether that was possible.

    Not if there is nothing to do, it is gone, or another process works on it. What goes wrong is
    logged, and after ``MAX_ATTEMPTS`` in a row the import has failed. Raises errors of the
    database.
    """
    job = _claim(job_id)
    if job is None:
        return False
    try:
        _step(job, seconds)
    except _Gone:
        pass
    except ArchiveRefused as error:
        _fail(job, error.code, error.name)
    except StorageFull:
        _fail(job, "no_room")
    except Exception:
        logger.exception("Import %s could not go on.", job_id)
        _give_back(job)
    return True


def _claim(job_id: int) -> Import | None:
    rows = Import.objects.unfinished().unclaimed().of_members().filter(pk=job_id)
    until = timezone.now() + CLAIM_LIFETIME
    if not rows.update(claimed_until=until, attempts=F("attempts") + 1):
        return None
    job = Import.objects.select_related("owner").filter(pk=job_id).first()
    if job is not None and job.attempts > MAX_ATTEMPTS:
        # Whoever worked on it was killed each time, without getting any further.
        _fail(job, "failed")
        return None
    return job


def _step(job: Import, seconds: float) -> None:
    """Go through posts until the time is over, or to the end. Raises ``ArchiveRefused``."""
    begun = time.monotonic()
    names = list(
        ImportPart.objects.filter(of=job).order_by("number").values_list("file", flat=True)
    )
    with (
        parts.opened(names, job.part_size, job.size) as content,
        open_sent(content, job.size) as archive,
    ):
        run = Run(archive, author=job.owner, choices=_choices(job))
        opened = time.monotonic()
        until = opened + max(seconds, OPENING * (opened - begun))
        if job.done == 0:
            run.refuse_skipped()
        each = _bring if job.state == Import.State.IMPORTING else _look
        if not _go_through(job, run, each, until):
            return
    _finish(job, run)


def _choices(job: Import) -> Choices:
    return Choices(
        show_unknown=job.audience == Import.Audience.SHOWN,
        alone=job.audience == Import.Audience.ALONE,
    )


def _go_through(
    job: Import, run: Run, each: Callable[[Import, Run, Post], None], until: float
) -> bool:
    """Do one thing with each post that is left; return whether that was all of them."""
    job.total = len(run.posts)
    for number in range(job.done, job.total):
        each(job, run, run.posts[number])
        job.done = number + 1
        over = time.monotonic() > until and job.done < job.total
        claimed_until = None if over else timezone.now() + CLAIM_LIFETIME
        _note(job, run.collect(), claimed_until=claimed_until)
        if over:
            return False
    return True


def _look(job: Import, run: Run, post: Post) -> None:
    run.look(post)


def _bring(job: Import, run: Run, post: Post) -> None:
    photo_id = run.bring(post)
    if photo_id is None or job.album_id is None:
        return
    # The album is full, or gone, or the photo was deleted meanwhile: it is here all the same.
    with suppress(Http404, ValidationError):
        add(user=job.owner, album_id=job.album_id, photo_id=photo_id)


def _note(job: Import, outcome: Outcome, **changes: Any) -> None:
    """Keep how far it is, and what became of pictures. Raises ``_Gone``.

    A step that got here has not failed. Two statements, one more where files are not taken.
    """
    counts = {name: getattr(outcome, name) for name in ("imported", "already", "alone", "comments")}
    refused = outcome.refused
    counted = {name: F(name) + count for name, count in counts.items()}
    counted["refused"] = F("refused") + len(refused)
    rows = Import.objects.unfinished().filter(pk=job.pk, state=job.state)
    with transaction.atomic():
        there = {"attempts": 0, "done": job.done, "total": job.total}
        if not rows.update(**{**there, **counted, **changes}):
            raise _Gone
        named = refused[: max(0, LISTED - job.refused)]
        ImportRefusal.objects.bulk_create((_row(job, one) for one in named), batch_size=500)
    job.refused += len(refused)


def _row(job: Import, refusal: Refusal) -> ImportRefusal:
    """Return a refusal to be kept; its name may be one that the archive only speaks of."""
    return ImportRefusal(of=job, name=clean_line(refusal.name)[:NAME_LENGTH], code=refusal.code)


def _finish(job: Import, run: Run) -> None:
    """Let the person decide on what was looked through, or read what became of it."""
    outcome = run.collect()
    now = timezone.now()
    if job.state == Import.State.READING:
        _note(
            job,
            outcome,
            state=Import.State.READY,
            source=outcome.source,
            found=outcome.found,
            first=outcome.first,
            last=outcome.last,
            claimed_until=None,
            ends_at=now + DECIDING,
        )
        return
    with transaction.atomic():
        _note(job, outcome, state=Import.State.DONE, claimed_until=None, ends_at=now + KEPT)
        _delete_parts(job)


def _fail(job: Import, reason: str, name: str = "") -> None:
    with transaction.atomic():
        rows = Import.objects.unfinished().filter(pk=job.pk)
        failed = rows.update(
            state=Import.State.FAILED,
            reason=reason,
            reason_name=name,
            claimed_until=None,
            ends_at=timezone.now() + KEPT,
        )
        if failed:
            _delete_parts(job)


def _give_back(job: Import) -> None:
    """Let another step try it again after a while, unless that was the last attempt."""
    if job.attempts >= MAX_ATTEMPTS:
        _fail(job, "failed")
        return
    rows = Import.objects.unfinished().filter(pk=job.pk)
    rows.update(claimed_until=timezone.now() + PAUSE * job.attempts)


def _delete_parts(job: Import) -> None:
    """Delete the archive, its files with the commit. Two statements."""
    rows = ImportPart.objects.filter(of=job)
    names = list(rows.values_list("file", flat=True))
    rows.delete()
    transaction.on_commit(lambda: parts.delete(names))
