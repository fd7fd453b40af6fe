"""What the worker does of an import: step by step, through kills, outages and second thoughts."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from minigram_site.storage import StorageUnavailable
from photos.models import Photo
from social import profiles
from social.portable import jobs
from social.portable.importing import Run
from social.portable.jobs import parts, steps
from social.portable.models import Import, ImportPart
from tests.factories import picture
from tests.social.portable.archives import photos_of
from tests.social.portable.sending import numbers, send, send_part, several, zipped
from tests.social.publishing.test_service import files_in

pytestmark = pytest.mark.django_db(transaction=True)
JPEG = {"originals/7-1.jpg": picture()}


def test_the_worker_goes_on_step_by_step(
    alice: User, tmp_path: Path, by_worker: None, monkeypatch: Any
) -> None:
    """A step ends behind the first post once its time is over; opening takes no time here."""
    monkeypatch.setattr(steps, "STEP_SECONDS", 0)
    monkeypatch.setattr(steps, "OPENING", 0)
    photos, files = several(3)
    job = send(alice, zipped(tmp_path, *photos, **files))
    assert [jobs.work() for _ in range(3)] == [True] * 3
    job.refresh_from_db()
    assert (job.state, job.done) == ("ready", 3)
    assert not jobs.work()
    jobs.start(owner=alice)
    for number in (1, 2, 3):
        assert jobs.work()
        assert Photo.objects.by(alice).count() == number
    assert numbers(job) == (3, 3, 0, 0)
    assert not jobs.work()


def test_the_worker_looks_through_it_and_brings_it_along(
    alice: User, tmp_path: Path, by_worker: None
) -> None:
    job = send(alice, zipped(tmp_path, **JPEG))
    call_command("worker", "--once")
    job.refresh_from_db()
    assert job.state == "ready"
    jobs.start(owner=alice)
    call_command("worker", "--once")
    assert numbers(job) == (1, 1, 0, 0)
    assert job.state == "done"


def test_a_killed_worker_loses_no_photo_and_doubles_none(
    alice: User, tmp_path: Path, by_worker: None, monkeypatch: Any
) -> None:
    photos, files = several(3)
    job = send(alice, zipped(tmp_path, *photos, **files))
    jobs.work()
    jobs.start(owner=alice)
    bring = Run.bring

    def killed(run: Run, post: Any) -> int | None:
        bring(run, post)
        raise SystemExit

    monkeypatch.setattr(Run, "bring", killed)
    with pytest.raises(SystemExit):
        jobs.work()
    monkeypatch.undo()
    # As long as its process may be alive nobody else works on it.
    assert not jobs.work()
    Import.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert jobs.work()
    assert len(photos_of(alice)) == 3
    # The photo whose post was cut off was here when the next process came to it.
    assert numbers(job) == (3, 2, 1, 0)


def test_a_storage_that_is_away_for_a_while_is_waited_for(
    alice: User, tmp_path: Path, by_worker: None, monkeypatch: Any
) -> None:
    job = send(alice, zipped(tmp_path, **JPEG))
    opened = parts.opened
    monkeypatch.setattr(parts, "opened", _away)
    assert jobs.work()
    assert not jobs.work()
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("reading", 1)
    monkeypatch.setattr(parts, "opened", opened)
    Import.objects.update(claimed_until=None)
    assert jobs.work()
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("ready", 0)


def test_what_never_works_is_given_up_and_told(
    alice: User, tmp_path: Path, by_worker: None, monkeypatch: Any, own_media_folder: Path
) -> None:
    job = send(alice, zipped(tmp_path, **JPEG))
    monkeypatch.setattr(parts, "opened", _away)
    for _ in range(steps.MAX_ATTEMPTS):
        Import.objects.update(claimed_until=None)
        assert jobs.work()
    job.refresh_from_db()
    assert (job.state, job.reason) == ("failed", "failed")
    assert "tell the people who run" in jobs.reason_of(job)
    assert files_in(own_media_folder) == []


def _away(*_args: Any) -> None:
    raise StorageUnavailable("The bucket does not answer.")


def test_one_that_is_stopped_keeps_what_is_here_and_ends(
    alice: User, tmp_path: Path, by_worker: None, monkeypatch: Any, own_media_folder: Path
) -> None:
    photos, files = several(2)
    send(alice, zipped(tmp_path, *photos, **files))
    jobs.work()
    jobs.start(owner=alice)
    look = Run.bring

    def stopped(run: Run, post: Any) -> int | None:
        jobs.forget(owner=alice)
        return look(run, post)

    monkeypatch.setattr(Run, "bring", stopped)
    assert jobs.work()
    assert not Import.objects.exists()
    assert len(photos_of(alice)) == 1
    assert not [path for path in files_in(own_media_folder) if "imports" in str(path)]
    assert not jobs.work()


def test_of_somebody_who_is_suspended_it_waits(
    alice: User, tmp_path: Path, by_worker: None
) -> None:
    send(alice, zipped(tmp_path, **JPEG))
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert not jobs.work()
    User.objects.filter(pk=alice.pk).update(is_active=True)
    assert jobs.work()


@pytest.mark.parametrize("state", ["receiving", "ready", "done"])
def test_its_time_ends_and_the_archive_goes(
    alice: User, tmp_path: Path, own_media_folder: Path, small_parts: None, state: str
) -> None:
    content = zipped(tmp_path)
    if state == "receiving":
        send_part(jobs.begin(owner=alice, name="a.zip", size=2000), bytes(2000))
    else:
        send(alice, content)
    if state == "done":
        jobs.start(owner=alice)
    assert Import.objects.get().state == state
    assert jobs.delete_ended() == 0
    Import.objects.update(ends_at=timezone.now())
    assert jobs.import_of(alice) is None
    assert jobs.delete_ended() == 1
    assert not Import.objects.exists()
    assert files_in(own_media_folder) == []


def test_parts_that_no_import_knows_go_after_a_day(
    alice: User, monkeypatch: Any, own_media_folder: Path
) -> None:
    known = jobs.begin(owner=alice, name="a.zip", size=parts.PART_BYTES + 1)
    send_part(known, bytes(parts.PART_BYTES))
    parts.save(BytesIO(b"left by a process that was killed"))
    jobs.delete_ended()
    assert len(files_in(own_media_folder)) == 2
    monkeypatch.setattr(parts, "SETTLED", -timedelta(minutes=1))
    jobs.delete_ended()
    assert len(files_in(own_media_folder)) == ImportPart.objects.count() == 1


def test_it_goes_with_the_account(alice: User, tmp_path: Path, own_media_folder: Path) -> None:
    send(alice, zipped(tmp_path, **JPEG))
    profiles.delete_account(user=alice)
    assert not Import.objects.exists()
    assert files_in(own_media_folder) == []
