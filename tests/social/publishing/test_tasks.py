"""Uploads become photos: claims, crashes, drafts, the sweep."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User, UserStats
from minigram_site.fields.snowflake import id_at
from photos import images, uploads
from photos.models import Draft, Media, Photo
from photos.refusals import ImageRejected
from photos.uploads import processing
from social import feed
from social.profiles import delete_account
from social.publishing import discard_draft, publish, publish_media, tasks
from tests.factories import make_follow, picture, published, upload

# Files are deleted when a transaction has really happened.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def by_worker(settings: Any) -> None:
    """Leave uploads to a worker; the tests play it."""
    settings.BACKGROUND_WORKER = True
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def files_in(folder: Path) -> list[Path]:
    """Return all files below ``folder``."""
    return [path for path in folder.rglob("*") if path.is_file()]


def damaged() -> Any:
    """Return an upload that looks like a picture and is none."""
    return upload(content=picture()[:1500])


def die_while_processing(media: Media) -> None:
    """Leave a row as a process does that is killed in the middle, some time ago."""
    Media.objects.filter(pk=media.pk).update(
        attempts=media.attempts + 1, claimed_until=timezone.now() - timedelta(seconds=1)
    )


def test_in_the_request_an_upload_is_ready_at_once(alice: User) -> None:
    media = tasks.upload(owner=alice, image=upload(), alt_text="A lake")
    assert media.state == Media.State.READY
    assert media.picture["width"] == 400
    assert all(default_storage.exists(name) for name in media.file_names)


def test_in_the_request_what_is_refused_leaves_nothing(alice: User, own_media_folder: Path) -> None:
    with pytest.raises(ImageRejected):
        tasks.upload(owner=alice, image=damaged())
    assert not Media.objects.exists()
    assert files_in(own_media_folder) == []


def test_a_photo_of_several_pictures_keeps_their_order_and_words(alice: User) -> None:
    sizes = [(400, 300), (300, 400), (500, 200)]
    media = [
        tasks.upload(owner=alice, image=upload(content=picture(size)), alt_text=str(size))
        for size in sizes
    ]
    order = [media[2], media[0], media[1]]
    photo = publish_media(
        author=alice, media_ids=[one.pk for one in order], alt_texts={media[0].pk: "changed"}
    )
    assert isinstance(photo, Photo)
    assert [(one.width, one.height) for one in photo.pictures] == [sizes[2], sizes[0], sizes[1]]
    assert [one.alt_text for one in photo.pictures] == [str(sizes[2]), "changed", str(sizes[1])]
    assert not Media.objects.exists()
    assert not Draft.objects.exists()


@pytest.mark.usefixtures("by_worker")
def test_with_a_worker_the_photo_appears_with_its_last_picture(alice: User, bob: User) -> None:
    make_follow(bob, alice)
    media = [tasks.upload(owner=alice, image=upload()) for _ in range(2)]
    draft = publish_media(author=alice, media_ids=[one.pk for one in media], caption="Two")
    assert isinstance(draft, Draft)
    for one in media:
        assert feed.feed_page(bob, None).items == []
        assert UserStats.objects.get(user=alice).photo_count == 0
        tasks.process_media.call(one.pk)
    photo = Photo.objects.get()
    assert (photo.pk, photo.caption, len(photo.pictures)) == (draft.pk, "Two", 2)
    assert [card.id for card in feed.feed_page(bob, None).items] == [photo.pk]
    assert UserStats.objects.get(user=alice).photo_count == 1
    assert not Draft.objects.exists()


@pytest.mark.usefixtures("by_worker")
def test_what_the_worker_refuses_says_why_and_can_be_tried_again(
    alice: User, own_media_folder: Path
) -> None:
    draft = publish(author=alice, image=damaged())
    assert isinstance(draft, Draft)
    media = draft.media.get()
    tasks.process_media.call(media.pk)
    media.refresh_from_db()
    assert (media.state, media.reason) == ("failed", "image_truncated")
    assert draft.state == "failed"
    assert "missing" in uploads.reason_of(media)
    tasks.retry(media)
    media.refresh_from_db()
    assert (media.state, media.attempts) == ("processing", 0)
    discard_draft(draft)
    assert files_in(own_media_folder) == []
    assert not Media.objects.exists()


@pytest.mark.usefixtures("by_worker")
def test_the_sweep_takes_up_what_a_killed_process_left(alice: User) -> None:
    draft = publish(author=alice, image=upload())
    assert isinstance(draft, Draft)
    die_while_processing(draft.media.get())
    assert tasks.sweep() == 1
    assert Photo.objects.get().pk == draft.pk


@pytest.mark.usefixtures("by_worker")
def test_the_sweep_leaves_alone_what_somebody_works_on(alice: User) -> None:
    publish(author=alice, image=upload())
    Media.objects.update(claimed_until=timezone.now() + timedelta(seconds=30))
    assert tasks.sweep() == 0
    tasks.process_media.call(Media.objects.get().pk)
    assert not Photo.objects.exists()


@pytest.mark.usefixtures("by_worker")
def test_the_sweep_takes_up_an_upload_whose_task_was_lost(alice: User) -> None:
    media = tasks.upload(owner=alice, image=upload())
    assert tasks.sweep() == 0
    Media.objects.filter(pk=media.pk).update(
        id=id_at(timezone.now() - processing.CLAIM_LIFETIME * 2)
    )
    assert tasks.sweep() == 1
    assert Media.objects.get().state == Media.State.READY


@pytest.mark.usefixtures("by_worker")
def test_a_photo_that_was_forgotten_at_the_last_step_is_published(alice: User) -> None:
    draft = publish(author=alice, image=upload())
    uploads.process(Media.objects.get().pk)
    assert not Photo.objects.exists()
    tasks.sweep()
    assert Photo.objects.get().pk == draft.pk


@pytest.mark.usefixtures("by_worker")
def test_a_job_that_always_crashes_ends_as_failed(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_: Any) -> None:
        raise RuntimeError("always")

    publish(author=alice, image=upload())
    monkeypatch.setattr(images, "process", crash)
    for _ in range(processing.MAX_ATTEMPTS + 1):
        tasks.sweep()
        Media.objects.filter(state="processing").update(
            claimed_until=timezone.now() - timedelta(seconds=1)
        )
    tasks.sweep()
    media = Media.objects.get()
    assert (media.state, media.reason) == ("failed", processing.PROCESSING_FAILED)
    assert media.attempts <= processing.MAX_ATTEMPTS
    assert "Try again" in uploads.reason_of(media)


@pytest.mark.usefixtures("by_worker")
def test_an_upload_whose_file_is_missing_has_failed(alice: User) -> None:
    media = tasks.upload(owner=alice, image=upload())
    default_storage.delete(media.original)
    uploads.process(media.pk)
    media.refresh_from_db()
    assert (media.state, media.reason) == ("failed", processing.PROCESSING_FAILED)


@pytest.mark.usefixtures("by_worker")
def test_a_process_that_comes_too_late_takes_its_own_files_away_only(
    alice: User, monkeypatch: pytest.MonkeyPatch, own_media_folder: Path
) -> None:
    draft = publish(author=alice, image=upload())
    media = Media.objects.get()
    process = images.process

    def slow(file: Any, **adjusted: Any) -> Any:
        made = process(file, **adjusted)
        monkeypatch.setattr(images, "process", process)
        die_while_processing(media)
        tasks.process_media.call(media.pk)  # another one has taken it up, and is done
        return made

    monkeypatch.setattr(images, "process", slow)
    tasks.process_media.call(media.pk)
    photo = Photo.objects.get()
    assert photo.pk == draft.pk
    assert len(files_in(own_media_folder)) == len(photo.file_names)
    assert all(default_storage.exists(name) for name in photo.file_names)


def test_processing_twice_gives_the_same_pictures(alice: User) -> None:
    def contents(media: Media) -> list[bytes]:
        found = []
        for name in media.file_names:
            with default_storage.open(name) as file:
                found.append(file.read())
        return found

    media = tasks.upload(owner=alice, image=upload())
    first = contents(media)
    Media.objects.filter(pk=media.pk).update(state="processing", claimed_until=None)
    uploads.process(media.pk)
    media.refresh_from_db()
    assert contents(media) == first


def test_uploads_without_a_photo_go_after_a_day(alice: User, own_media_folder: Path) -> None:
    old = tasks.upload(owner=alice, image=upload())
    Media.objects.filter(pk=old.pk).update(id=id_at(timezone.now() - timedelta(hours=25)))
    fresh = tasks.upload(owner=alice, image=upload())
    assert tasks.delete_expired_uploads() == 1
    assert Media.objects.get().pk == fresh.pk
    assert len(files_in(own_media_folder)) == len(fresh.file_names)


def test_deleting_an_account_takes_drafts_and_uploads_along(
    alice: User, own_media_folder: Path, settings: Any
) -> None:
    tasks.upload(owner=alice, image=upload())
    published(author=alice, image=upload())
    settings.BACKGROUND_WORKER = True
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    publish(author=alice, image=upload())
    delete_account(user=alice)
    assert files_in(own_media_folder) == []
    assert not Media.objects.exists()
    assert not Draft.objects.exists()


def test_an_idle_sweep_costs_little() -> None:
    with CaptureQueriesContext(connection) as queries:
        tasks.sweep()
    assert len([query for query in queries if query["sql"].startswith("SELECT")]) <= 3


@pytest.mark.usefixtures("by_worker")
def test_the_daily_command_takes_up_and_cleans_up(
    alice: User, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(author=alice, image=upload())
    die_while_processing(Media.objects.get())
    call_command("maintain")
    assert "Took up 1 uploads" in capsys.readouterr().out
    assert Photo.objects.exists()
