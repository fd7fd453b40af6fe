"""Publishing: everything is there afterwards, or nothing is."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from photos.models import Media, Photo
from photos.refusals import ImageRejected
from social import feed
from social.publishing import publish_media, tasks
from tests.factories import make_follow, published, upload

# Files are deleted when a transaction has really happened.
pytestmark = pytest.mark.django_db(transaction=True)

CHANGES_AND_READS = ("SELECT", "INSERT", "UPDATE", "DELETE", "\nINSERT")


def files_in(folder: Path) -> list[Path]:
    """Return all files below ``folder``."""
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_published_photo_has_its_files_counters_and_place_in_the_feed(
    alice: User, bob: User, own_media_folder: Path
) -> None:
    make_follow(bob, alice)
    photo = published(author=alice, image=upload(), caption="Lake", alt_text="A lake at dawn")
    alice.stats.refresh_from_db()
    assert alice.stats.photo_count == 1
    assert len(files_in(own_media_folder)) == len(photo.file_names) >= 2
    assert [card.id for card in feed.feed_page(bob, None).items] == [photo.pk]


def test_the_same_picture_twice_is_two_photos_with_files_of_their_own(alice: User) -> None:
    one, other = (published(author=alice, image=upload()) for _ in range(2))
    assert not set(one.file_names) & set(other.file_names)


def test_what_is_no_picture_leaves_nothing_behind(alice: User, own_media_folder: Path) -> None:
    with pytest.raises(ImageRejected):
        published(author=alice, image=BytesIO(b"not a picture"))
    assert not Photo.objects.exists()
    assert files_in(own_media_folder) == []


def test_a_failure_after_saving_leaves_no_file_and_no_row(
    alice: User, own_media_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(photo: Photo) -> None:
        assert files_in(own_media_folder)
        raise RuntimeError("the power went out")

    monkeypatch.setattr(feed, "fan_out", fail)
    with pytest.raises(RuntimeError):
        published(author=alice, image=upload())
    assert files_in(own_media_folder) == []
    assert not Photo.objects.exists()
    alice.stats.refresh_from_db()
    assert alice.stats.photo_count == 0


def test_a_full_disk_leaves_no_half_written_file(
    alice: User, own_media_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[str] = []
    save: Any = FileSystemStorage._save  # type: ignore[attr-defined]  # missing in the stubs

    def run_out(self: FileSystemStorage, name: str, content: object) -> str:
        saved.append(name)
        if len(saved) > 1:
            raise OSError(28, "No space left on device")
        return str(save(self, name, content))

    monkeypatch.setattr(FileSystemStorage, "_save", run_out)
    with pytest.raises(OSError, match="No space"):
        published(author=alice, image=upload())
    assert files_in(own_media_folder) == []
    assert not Photo.objects.exists()


def test_uploads_that_are_ready_become_a_photo_without_a_draft(alice: User) -> None:
    media = [tasks.upload(owner=alice, image=upload()) for _ in range(3)]
    with CaptureQueriesContext(connection) as queries:
        photo = publish_media(author=alice, media_ids=[one.pk for one in media])
    assert isinstance(photo, Photo)
    assert len(photo.pictures) == 3
    sent = [query["sql"] for query in queries if query["sql"].startswith(CHANGES_AND_READS)]
    assert not [sql for sql in sent if '"photos_draft"' in sql]
    # The uploads; the author's count, photo, counters; whether famous, the entries; the uploads.
    assert len(sent) == 7, sent
    assert not Media.objects.exists()
