"""The largest size of a picture, made after its photo is published."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from io import StringIO
from typing import IO, Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client
from PIL import Image

from accounts.models import User
from photos import uploads
from photos.files import large
from photos.images import ProcessedImage, process_large
from photos.models import Photo
from social.publishing import service
from tests.factories import picture, published, upload
from tests.photos import image_files

pytestmark = pytest.mark.django_db


def widths(photo: Photo, place: int = 0) -> list[int]:
    """Return how wide the files of one picture of a photo are."""
    photo.refresh_from_db()
    return [width for width, _, _ in photo.pictures[place].renditions]


def files_of(folder: str) -> list[str]:
    """Return the names of all files in a folder of the storage."""
    folders, names = default_storage.listdir(folder)
    return [*names, *(name for one in folders for name in files_of(f"{folder}/{one}"))]


def test_an_upload_is_not_kept_waiting_for_the_largest_size(alice: User) -> None:
    photo = published(author=alice, image=upload(picture((2700, 1800))))
    assert widths(photo) == [320, 640, 1080, 1600]


def test_the_largest_size_is_added_to_those_there_are(alice: User) -> None:
    photo = published(author=alice, image=upload(picture((2700, 1800))))
    assert large.make_large(photo.pk) == 1
    assert widths(photo) == [320, 640, 1080, 1600, 2560]
    assert default_storage.exists(photo.renditions[-1][2])
    assert large.make_large(photo.pk) == 0
    assert len(widths(photo)) == 5


def test_pages_offer_it_at_once(alice: User, client: Client) -> None:
    photo = published(author=alice, image=upload(picture((2700, 1800))))
    page = photo.get_absolute_url()
    assert "2560w" not in client.get(page).content.decode()
    large.make_large(photo.pk)
    assert "2560w" in client.get(page).content.decode()
    name = Photo.objects.get().renditions[-1][2].rpartition("/")[2]
    answer = client.get(f"/media/photos/{photo.code}/{name}")
    assert b"".join(answer)[:4] == b"RIFF"


def test_every_picture_of_a_photo_gets_its_own(alice: User) -> None:
    files = [upload(picture(size)) for size in ((2000, 1000), (800, 600), (2600, 1300))]
    photo = published(author=alice, image=files)
    assert large.make_large(photo.pk) == 2
    assert [widths(photo, place)[-1] for place in range(3)] == [2000, 800, 2560]


def test_what_is_hardly_larger_gets_none(alice: User) -> None:
    photo = published(author=alice, image=upload(picture((1700, 1000))))
    assert large.make_large(photo.pk) == 0


def test_a_missing_original_is_left_alone(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    photo = published(author=alice, image=upload(picture((2700, 1800))))
    default_storage.delete(photo.original)
    assert large.make_large(photo.pk) == 0
    assert "cannot be made" in caplog.text


def test_a_photo_that_is_deleted_meanwhile_leaves_no_file(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = published(author=alice, image=upload(picture((2700, 1800))))

    def delete_first(file: IO[bytes], **edits: Any) -> ProcessedImage:
        done = process_large(file)
        Photo.objects.all().delete()
        return done

    monkeypatch.setattr(large, "process_large", delete_first)
    kept = set(files_of("renditions"))
    assert large.make_large(photo.pk) == 0
    assert set(files_of("renditions")) == kept


def test_the_command_looks_through_all_photos(alice: User) -> None:
    first = published(author=alice, image=upload(picture((2700, 1800))))
    published(author=alice, image=upload(picture((400, 300))))
    last = published(author=alice, image=upload(picture((2000, 1500))))
    out = StringIO()
    call_command("large_sizes", stdout=out)
    assert out.getvalue() == "Made 2 largest sizes.\n"
    assert (widths(first)[-1], widths(last)[-1]) == (2560, 2000)


def test_one_query_tells_that_nothing_is_lacking(
    alice: User, django_assert_num_queries: Callable[[int], AbstractContextManager[Any]]
) -> None:
    photo = published(author=alice, image=upload(picture((400, 300))))
    with django_assert_num_queries(1):
        assert large.make_next(0) == (photo.pk, 0)


def test_what_was_cut_away_is_not_in_the_largest_size_either(alice: User) -> None:
    scene = Image.new("RGB", (5000, 1600), "red")
    scene.paste("blue", (2500, 0, 5000, 1600))
    media = uploads.receive(owner=alice, image=upload(image_files.encoded(scene, "JPEG")))
    uploads.adjust(media=media, crop=[0.5, 0, 0.5, 1])
    uploads.process(media.pk)
    photo = service.publish_media(author=alice, media_ids=[media.pk])
    assert isinstance(photo, Photo)
    assert large.make_large(photo.pk) == 1
    assert widths(photo)[-1] == 2500
    with default_storage.open(photo.renditions[-1][2]) as file:
        red, _, blue = Image.open(file).convert("RGB").getpixel((3, 800))  # type: ignore[misc]
    assert red < 50
    assert blue > 200
