"""Publishing over the API: what comes out, what is refused, what is safe to send twice."""

from __future__ import annotations

import io
from collections.abc import Callable
from logging import LogRecord
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import IdempotencyKey, User
from photos.models import Comment, Photo
from photos.refusals import ImageRejected
from social.api import upload_views
from tests.factories import make_follow, make_photo, picture, upload
from tests.photos.image_files import claiming, detailed, encoded, exif

pytestmark = pytest.mark.django_db
As = Callable[[User | None], APIClient]
Errors = Callable[[], list[LogRecord]]
URL = "/api/v1/photos/"


def send(client: APIClient, content: bytes | None = None, key: str = "", **fields: Any) -> Any:
    """Publish a picture."""
    headers = {"Idempotency-Key": key} if key else {}
    body = {"image": upload(content), **fields}
    return client.post(URL, body, format="multipart", headers=headers)


def files_in(folder: Path) -> list[Path]:
    """Return all files below ``folder``."""
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_camera_photo_comes_out_upright_without_its_place_and_is_in_the_feed_at_once(
    api_as: As, alice: User, bob: User
) -> None:
    make_follow(bob, alice)
    camera = encoded(detailed(1800, 1200), exif=exif(6))
    response = send(api_as(alice), camera, caption="First light", alt_text="A lake")
    assert response.status_code == 201
    body = response.json()
    assert (body["width"], body["height"]) == (1200, 1800)
    assert [source["width"] for source in body["sources"]] == [320, 640, 1080, 1200]
    for _, _, name in Photo.objects.get().renditions:
        with default_storage.open(name) as file:
            content = file.read()
        served = Image.open(io.BytesIO(content))
        assert served.height > served.width
        assert not served.getexif()
        assert b"SECRET" not in content
    assert api_as(bob).get("/api/v1/feed/").json()["results"][0]["id"] == body["id"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"not a picture", 422, "not_an_image"),
        (b"", 422, "empty_file"),
        (picture()[:2000], 422, "image_truncated"),
        (picture((1, 1)), 422, "image_too_small"),
        (claiming("PNG", 30_000, 30_000), 422, "too_many_pixels"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422, "not_an_image"),
        (picture() + b"x" * 2_000_000, 413, "file_too_large"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    api_as: As,
    alice: User,
    settings: Any,
    own_media_folder: Path,
    site_errors: Errors,
    content: bytes,
    status: int,
    code: str,
) -> None:
    settings.MAX_UPLOAD_BYTES = 2_000_000
    response = send(api_as(alice), content)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["errors"]["image"][0]["detail"]
    assert not Photo.objects.exists()
    assert files_in(own_media_folder) == []
    assert not site_errors()


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\x.jpg", "a/b.jpg", "nul\0.jpg", "x" * 300 + ".jpg", "é\u202e"]
)
def test_the_name_of_the_file_is_never_used(api_as: As, alice: User, name: str) -> None:
    body = {"image": upload(name=name)}
    response = api_as(alice).post(URL, body, format="multipart")
    assert response.status_code in {201, 400}
    for photo in Photo.objects.all():
        assert all(
            stored.startswith(("originals/", "renditions/", "previews/"))
            for stored in photo.file_names
        )


def test_what_is_no_upload_is_refused(api_as: As, alice: User) -> None:
    client = api_as(alice)
    assert client.post(URL, {"caption": "x"}, format="multipart").status_code == 400
    assert client.post(URL, {"image": "text"}, format="multipart").status_code == 400
    assert client.post(URL, {"image": "text"}, format="json").status_code == 400
    assert client.get(URL).status_code == 405
    assert api_as(None).post(URL, {"image": upload()}, format="multipart").status_code == 401
    assert send(client, caption="x" * 2201).status_code == 400
    assert not Photo.objects.exists()


def test_a_busy_site_asks_to_come_back(
    api_as: As, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(**_: Any) -> None:
        raise ImageRejected("busy")

    monkeypatch.setattr(upload_views, "publish", busy)
    response = send(api_as(alice))
    assert (response.status_code, response.json()["code"]) == (503, "busy")
    assert int(response["Retry-After"]) > 0


def test_the_same_key_publishes_once_and_repeats_the_answer(api_as: As, alice: User) -> None:
    client = api_as(alice)
    first, second = (send(client, key="k-1") for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert Photo.objects.count() == 1
    assert send(client, key="k-2").json()["id"] != first.json()["id"]


def test_a_key_belongs_to_one_request_and_one_person(api_as: As, alice: User, bob: User) -> None:
    send(api_as(alice), key="k")
    other = send(api_as(alice), picture((50, 60)), key="k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert send(api_as(bob), key="k").status_code == 201


def test_a_request_that_failed_frees_its_key(api_as: As, alice: User) -> None:
    assert send(api_as(alice), b"no picture", key="k").status_code == 422
    assert send(api_as(alice), key="k").status_code == 201


def test_a_key_whose_first_request_still_runs_says_so(api_as: As, alice: User) -> None:
    path = f"/api/v1/photos/{make_photo(alice).pk}/comments/"
    client = api_as(alice)
    client.post(path, {"text": "Hi"}, headers={"Idempotency-Key": "k"})
    IdempotencyKey.objects.update(status=None)
    again = client.post(path, {"text": "Hi"}, headers={"Idempotency-Key": "k"})
    assert (again.status_code, again.json()["code"]) == (409, "idempotency_in_progress")
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("key", ["x" * 65, "with space", "ümlaut"])
def test_a_key_that_is_none_is_refused(api_as: As, alice: User, key: str) -> None:
    response = send(api_as(alice), key=key)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_idempotency_key")
