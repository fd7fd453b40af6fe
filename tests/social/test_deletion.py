"""What is deleted while others write leaves no file behind, on either database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from rest_framework.test import APIClient

from accounts.models import User
from minigram_site.storage.local import LocalStorage
from photos import uploads
from photos.models import Draft, Media, Photo
from photos.uploads import processing
from social import profiles
from social.albums import saved
from social.publishing import discard_draft, drafts, publish, publish_media, service, tasks
from tests.factories import make_photo, upload

# Files are deleted when a transaction has really happened.
pytestmark = pytest.mark.django_db(transaction=True)

# Seconds that another thread has to get as far as it can; it is finished, or waits for a lock.
MEANWHILE = 0.5


class Meanwhile:
    """Something that another thread does with a connection of its own."""

    def __init__(self, deed: Callable[[], Any]) -> None:
        self.answer: Any = None
        self._deed = deed
        self.thread = threading.Thread(target=self._run)

    def start(self, *_args: Any, **_options: Any) -> None:
        """Begin, and give it time to end, unless it waits for a lock."""
        self.thread.start()
        self.thread.join(MEANWHILE)

    def end(self) -> Any:
        """Wait for the end; return what the deed returned or raised."""
        self.thread.join()
        return self.answer

    def _run(self) -> None:
        try:
            self.answer = self._deed()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.answer = error
        finally:
            connection.close()


def before(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, deed: Any) -> None:
    """Do something whenever a function of a module is about to run."""
    function = getattr(module, name)

    def run(*args: Any, **options: Any) -> Any:
        deed()
        return function(*args, **options)

    monkeypatch.setattr(module, name, run)


def files_in(folder: Path) -> list[Path]:
    """Return all files below ``folder``."""
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def by_worker(settings: Any) -> None:
    """Leave uploads to a worker; the tests play it."""
    settings.BACKGROUND_WORKER = True
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def change_avatar(user: User) -> None:
    profiles.change_avatar(user=User.objects.get(pk=user.pk), image=upload())


def send_picture(user: User) -> None:
    tasks.upload(owner=User.objects.get(pk=user.pk), image=upload())


def test_an_avatar_that_changed_since_the_person_was_read_goes_with_the_account(
    alice: User, own_media_folder: Path
) -> None:
    change_avatar(alice)
    profiles.delete_account(user=alice)
    assert files_in(own_media_folder) == []


@pytest.mark.slow
@pytest.mark.parametrize("deed", [change_avatar, send_picture])
@pytest.mark.parametrize("moment", ["lock_uploads_of", "delete_everything_of", "delete_uploads_of"])
def test_what_is_sent_while_the_account_is_deleted_leaves_no_file(
    alice: User,
    own_media_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    deed: Callable[[User], None],
) -> None:
    other = Meanwhile(partial(deed, alice))
    before(monkeypatch, profiles, moment, other.start)
    profiles.delete_account(user=alice)
    other.end()
    assert not User.objects.exists()
    assert not Media.objects.exists()
    assert files_in(own_media_folder) == []


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["lock_uploads_of", "delete_everything_of", "delete_uploads_of"])
def test_a_picture_that_gets_ready_while_the_account_is_deleted_leaves_no_file(
    alice: User,
    own_media_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    by_worker: None,
    moment: str,
) -> None:
    media = tasks.upload(owner=alice, image=upload())
    saved, go_on = threading.Event(), threading.Event()
    worker = Meanwhile(lambda: uploads.process(media.pk)).thread

    def wait() -> None:
        saved.set()
        go_on.wait(30)

    def finish() -> None:
        go_on.set()
        worker.join(MEANWHILE)

    before(monkeypatch, processing, "_finish", wait)
    before(monkeypatch, profiles, moment, finish)
    worker.start()
    saved.wait(30)
    profiles.delete_account(user=alice)
    worker.join()
    assert files_in(own_media_folder) == []


@pytest.mark.usefixtures("by_worker")
@pytest.mark.parametrize("end", ["account", "draft", "upload"])
def test_what_is_deleted_while_it_is_processed_leaves_no_file(
    alice: User, own_media_folder: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    media = tasks.upload(owner=alice, image=upload())
    deeds: dict[str, Callable[[], Any]] = {
        "account": lambda: profiles.delete_account(user=alice),
        "draft": lambda: discard_draft(Draft.objects.get()),
        "upload": lambda: uploads.discard(Media.objects.all()),
    }
    if end == "draft":
        publish_media(author=alice, media_ids=[media.pk])
    before(monkeypatch, processing, "_finish", deeds[end])
    uploads.process(media.pk)
    assert files_in(own_media_folder) == []


def test_an_upload_whose_account_goes_before_its_file_is_read_is_not_found(
    alice: User,
    api_as: Callable[[User | None], APIClient],
    own_media_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = api_as(alice)
    gone = partial(profiles.delete_account, user=alice)
    before(monkeypatch, LocalStorage, "open", gone)
    answer = client.post("/api/v1/media/", {"image": upload()}, format="multipart")
    assert answer.status_code == 404
    assert files_in(own_media_folder) == []


@pytest.mark.slow
def test_a_photo_that_is_published_while_the_account_is_deleted_goes_with_it(
    alice: User, own_media_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = tasks.upload(owner=alice, image=upload())
    other = Meanwhile(partial(profiles.delete_account, user=User.objects.get(pk=alice.pk)))
    before(monkeypatch, service, "publish_pictures", other.start)
    publish_media(author=alice, media_ids=[media.pk])
    assert other.end() is None
    assert not Photo.objects.exists()
    assert files_in(own_media_folder) == []


@pytest.mark.slow
@pytest.mark.usefixtures("by_worker")
def test_a_draft_that_is_published_while_the_account_is_deleted_goes_with_it(
    alice: User, own_media_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = publish(author=alice, image=upload())
    uploads.process(Media.objects.get().pk)
    other = Meanwhile(partial(profiles.delete_account, user=User.objects.get(pk=alice.pk)))
    before(monkeypatch, drafts, "publish_pictures", other.start)
    assert drafts.publish_draft(draft.pk) is not None
    assert other.end() is None
    assert not Photo.objects.exists()
    assert files_in(own_media_folder) == []


@pytest.mark.slow
@pytest.mark.usefixtures("by_worker")
def test_an_upload_that_became_part_of_a_photo_in_the_meantime_is_kept(
    alice: User, own_media_folder: Path
) -> None:
    media = tasks.upload(owner=alice, image=upload())
    other = Meanwhile(lambda: uploads.discard(Media.objects.unattached()))
    with transaction.atomic():
        publish_media(author=alice, media_ids=[media.pk])
        other.start()
    assert other.end() == 0
    assert Draft.objects.get().media.get() == media
    assert len(files_in(own_media_folder)) == 1


@pytest.mark.slow
@pytest.mark.usefixtures("by_worker")
def test_a_draft_that_is_thrown_away_while_it_is_published_is_a_photo(
    alice: User, own_media_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = publish(author=alice, image=upload())
    assert isinstance(draft, Draft)
    uploads.process(Media.objects.get().pk)
    other = Meanwhile(lambda: discard_draft(Draft(pk=draft.pk)))
    before(monkeypatch, drafts, "publish_pictures", other.start)
    photo = drafts.publish_draft(draft.pk)
    assert other.end() is None
    assert photo is not None
    assert len(files_in(own_media_folder)) == len(photo.file_names)


def test_an_avatar_for_an_account_that_is_gone_leaves_no_file(
    alice: User, own_media_folder: Path
) -> None:
    profiles.delete_account(user=User.objects.get(pk=alice.pk))
    with pytest.raises(User.DoesNotExist):
        profiles.change_avatar(user=alice, image=upload())
    assert files_in(own_media_folder) == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one lock")
def test_saving_an_own_photo_and_deleting_the_account_do_not_wait_for_each_other(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = make_photo(alice)
    deletion = Meanwhile(lambda: profiles.delete_account(user=User.objects.get(pk=alice.pk)))
    # The person is held, the photo not yet.
    before(monkeypatch, saved, "hold_photo", deletion.start)
    saved.save(user=alice, photo_id=photo.pk)
    assert deletion.end() is None
    assert not User.objects.exists()
