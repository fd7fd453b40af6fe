"""Pictures in a bucket: the whole way, by the real client to a real S3 service (moto's)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from accounts.models import User
from minigram_site.environment import read_environment
from minigram_site.storage import StorageUnavailable
from minigram_site.storage.s3 import SIGNATURE_SECONDS
from photos.cards import cards_of
from photos.files.views import REDIRECT_KEPT
from photos.models import Photo
from photos.services import delete_photo
from social.profiles import change_avatar, delete_account, remove_avatar
from tests.factories import make_follow, make_photo, make_user, published, upload

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
As = Callable[[User | None], Any]
KEY, SECRET = "minigram", "a/secret+with=signs"
_numbers = count(1)


@pytest.fixture(scope="session")
def s3_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run an S3 service on a free port of this machine for the session; return host and port."""
    log = tmp_path_factory.mktemp("s3") / "log"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out) as service:
        try:
            yield address_in(log, service)
        finally:
            service.terminate()


def address_in(log: Path, service: subprocess.Popen[bytes]) -> str:
    """Wait until the service says where it listens, and return that."""
    until = time.monotonic() + 60
    while time.monotonic() < until and service.poll() is None:
        if found := re.search(r"Running on http://(127\.0\.0\.1:\d+)", log.read_text()):
            return found[1]
        time.sleep(0.05)
    raise RuntimeError(f"The S3 service did not start: {log.read_text()}")


@pytest.fixture
def bucket(
    s3_service: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], list[str]]:
    """Keep pictures in a new bucket; return a function that lists it."""
    name = f"pictures-{os.getpid()}-{next(_numbers)}"
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{s3_service}",
        region_name="us-east-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
    )
    client.create_bucket(Bucket=name)
    use_storage(
        f"s3://{KEY}:a%2Fsecret%2Bwith%3Dsigns@{s3_service}/{name}?secure=false",
        settings,
        monkeypatch,
    )
    return lambda: [row["Key"] for row in client.list_objects_v2(Bucket=name).get("Contents", [])]


def use_storage(value: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Configure the storage as a start with this ``MEDIA_ROOT`` does."""
    monkeypatch.setenv("MEDIA_ROOT", value)
    settings.STORAGES = {**settings.STORAGES, "default": read_environment().media_storage}


def picture_url(photo: Photo) -> str:
    """Return the address of the smallest size of a photo, as its author sees it."""
    return cards_of([photo.pk], photo.author)[0].cover.sources[0].url


def get(address: str, **headers: str) -> tuple[int, bytes, Any]:
    """Fetch an address over the network as a browser does, whatever the status."""
    request = urllib.request.Request(address, headers=headers)  # noqa: S310
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


def test_a_photo_is_in_the_bucket_and_its_viewers_are_sent_there(
    bucket: Callable[[], list[str]], own_media_folder: Any, browser_as: As, alice: User
) -> None:
    photo = published(author=alice, image=upload())
    assert sorted(bucket()) == sorted(photo.file_names)
    assert not own_media_folder.exists()
    response = browser_as(None).get(picture_url(photo))
    assert response.status_code == 302
    status, body, headers = get(response["Location"])
    assert status == 200
    assert headers["Content-Type"] == "image/webp"
    assert body[8:12] == b"WEBP"
    status, part, _ = get(response["Location"], Range="bytes=8-11")
    assert (status, part) == (206, b"WEBP")


def test_an_address_without_its_signature_opens_nothing(
    bucket: Callable[[], list[str]], browser_as: As, alice: User
) -> None:
    photo = published(author=alice, image=upload())
    address = browser_as(None).get(picture_url(photo))["Location"]
    assert get(address.partition("?")[0])[0] == 403
    assert get(address.partition("?")[0].replace(photo.renditions[0][2], photo.original))[0] == 403


def test_an_address_expires_before_a_redirect_to_it_can_be_stale(
    bucket: Callable[[], list[str]], browser_as: As, alice: User
) -> None:
    # moto lets an expired signature pass, so that the promise itself is looked at.
    response = browser_as(None).get(picture_url(published(author=alice, image=upload())))
    signed = parse_qs(urlsplit(response["Location"]).query)
    assert signed["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert signed["X-Amz-Expires"] == [str(SIGNATURE_SECONDS)]
    assert SECRET not in response["Location"]
    assert "private" in response["Cache-Control"]
    assert f"max-age={REDIRECT_KEPT}" in response["Cache-Control"]
    assert REDIRECT_KEPT < SIGNATURE_SECONDS


@pytest.mark.parametrize(
    ("who", "expected"), [("nobody", 404), ("stranger", 404), ("follower", 302), ("owner", 302)]
)
def test_only_its_people_learn_where_a_private_picture_is(
    bucket: Callable[[], list[str]],
    browser_as: As,
    api_as: As,
    carol: User,
    who: str,
    expected: int,
) -> None:
    people = {name: make_user(name) for name in ("stranger", "follower")}
    make_follow(people["follower"], carol)
    url = picture_url(published(author=carol, image=upload()))
    viewer = carol if who == "owner" else people.get(who)
    for client in (browser_as(viewer), api_as(viewer)):
        response = client.get(url)
        assert response.status_code == expected
        if expected == 302:
            assert response["Cache-Control"] == "private, no-store"
            assert get(response["Location"])[0] == 200


def test_deleting_removes_every_object(
    bucket: Callable[[], list[str]], alice: User, django_capture_on_commit_callbacks: Any
) -> None:
    photo = published(author=alice, image=upload())
    with django_capture_on_commit_callbacks(execute=True):
        delete_photo(photo=photo)
    assert bucket() == []
    change_avatar(user=alice, image=upload())
    published(author=alice, image=upload())
    assert bucket()
    with django_capture_on_commit_callbacks(execute=True):
        remove_avatar(user=alice)
        delete_account(user=alice)
    assert bucket() == []


def test_a_name_that_is_taken_is_not_overwritten(bucket: Callable[[], list[str]]) -> None:
    first = default_storage.save("originals/a.jpg", ContentFile(b"first"))
    second = default_storage.save("originals/a.jpg", ContentFile(b"second"))
    assert first != second
    with default_storage.open(first) as file:
        assert file.read() == b"first"


def test_a_missing_file_is_told_from_a_fault(bucket: Callable[[], list[str]]) -> None:
    assert not default_storage.exists("originals/none.jpg")
    default_storage.delete("originals/none.jpg")
    with pytest.raises(FileNotFoundError):
        default_storage.open("originals/none.jpg")


def test_the_site_is_ready_with_a_bucket(bucket: Callable[[], list[str]], client: Client) -> None:
    assert client.get("/readyz").json()["checks"]["storage"] == "ok"


class TestDown:
    """The service does not answer, or refuses the key."""

    @pytest.fixture(autouse=True)
    def closed_port(self, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """Name a port at which nothing listens."""
        use_storage("s3://k:s@127.0.0.1:9/pictures?secure=false", settings, monkeypatch)

    def test_the_api_says_so_and_keeps_nothing(self, api_as: As, alice: User) -> None:
        response = api_as(alice).post("/api/v1/photos/", {"image": upload()}, format="multipart")
        assert response.status_code == 503
        assert response.json()["code"] == "storage_unavailable"
        assert response.json()["detail"].endswith(".")
        assert int(response["Retry-After"]) > 0
        assert not Photo.objects.exists()

    def test_the_page_says_so_and_keeps_nothing(self, browser_as: As, alice: User) -> None:
        response = browser_as(alice).post("/upload/", {"image": upload()})
        assert response.status_code == 503
        assert str(StorageUnavailable.sentence) in response.content.decode()
        assert not Photo.objects.exists()

    def test_an_avatar_stays_what_it_was(self, api_as: As, alice: User) -> None:
        client = api_as(alice)
        response = client.patch("/api/v1/me/", {"avatar": upload()}, format="multipart")
        assert response.status_code == 503
        alice.refresh_from_db()
        assert alice.avatar == []

    def test_deleting_goes_on_and_the_log_names_what_is_left(
        self,
        alice: User,
        caplog: pytest.LogCaptureFixture,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        photo = make_photo(alice)
        names = photo.file_names
        with django_capture_on_commit_callbacks(execute=True):
            delete_photo(photo=photo)
        assert not Photo.objects.exists()
        assert all(name in caplog.text for name in names)

    def test_the_site_is_not_ready(self, client: Client) -> None:
        response = client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["checks"]["storage"] == "unreachable"


def test_a_bucket_that_is_not_there_is_a_503(
    bucket: Callable[[], list[str]],
    s3_service: str,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    api_as: As,
    alice: User,
) -> None:
    use_storage(f"s3://k:s@{s3_service}/nothing-here?secure=false", settings, monkeypatch)
    response = api_as(alice).post("/api/v1/photos/", {"image": upload()}, format="multipart")
    assert response.status_code == 503
    assert not Photo.objects.exists()


def test_staff_see_a_picture_in_the_admin(
    bucket: Callable[[], list[str]], admin_client: Client, carol: User
) -> None:
    photo = published(author=carol, image=upload())
    response: Any = admin_client.get(f"/admin/photos/photo/{photo.pk}/thumbnail/")
    assert response.status_code == 200
    assert b"".join(response.streaming_content)[8:12] == b"WEBP"
    response.close()
