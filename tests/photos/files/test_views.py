"""The bytes of pictures go to those who may see them, and to nobody else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts import services
from accounts.models import User
from accounts.people import person
from photos.cards import cards_of
from photos.models import Photo
from social import follows
from social.profiles import change_avatar
from tests.factories import make_follow, make_user, picture, published, upload

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]


def status(client: Any, url: str, **options: Any) -> int:
    """Return the status of asking for a file."""
    return int(fetch(client, url, **options).status_code)


def fetch(client: Any, url: str, **options: Any) -> Any:
    """Return the answer, read to its end so that the file is closed."""
    response = client.get(url, **options)
    if response.streaming:
        response.body = b"".join(response.streaming_content)
    return response


def picture_url(photo: Photo) -> str:
    """Return the address of the smallest size of a photo, as its author sees it."""
    return cards_of([photo.pk], photo.author)[0].cover.sources[0].url


def test_a_public_picture_is_served_to_everyone_and_kept_by_browsers(
    browser_as: As, alice: User
) -> None:
    response = fetch(browser_as(None), picture_url(published(author=alice, image=upload())))
    assert response.status_code == 200
    assert response["Content-Type"] == "image/webp"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in response["Cache-Control"]
    assert response.body[8:12] == b"WEBP"


@pytest.mark.parametrize(
    ("who", "expected"),
    [("nobody", 404), ("stranger", 404), ("follower", 200), ("owner", 200), ("blocked", 404)],
)
def test_a_private_picture_is_served_to_its_people_only(
    browser_as: As, api_as: As, carol: User, who: str, expected: int
) -> None:
    people = {name: make_user(name) for name in ("stranger", "follower", "blocked")}
    make_follow(people["follower"], carol)
    make_follow(people["blocked"], carol)
    follows.block(blocker=carol, blocked=people["blocked"])
    url = picture_url(published(author=carol, image=upload()))
    viewer = carol if who == "owner" else people.get(who)
    for client in (browser_as(viewer), api_as(viewer)):
        response = fetch(client, url)
        assert response.status_code == expected
        if expected == 200:
            assert "no-cache" in response["Cache-Control"]


def test_going_private_hides_the_pictures_of_before_at_once(browser_as: As, alice: User) -> None:
    url = picture_url(published(author=alice, image=upload()))
    follows.set_privacy(user=alice, private=True)
    assert status(browser_as(None), url) == 404


def test_the_pictures_of_a_suspended_person_are_hidden(browser_as: As, alice: User) -> None:
    url = picture_url(published(author=alice, image=upload()))
    services.suspend(user=alice)
    assert status(browser_as(None), url) == 404


def test_a_revoked_or_forged_token_opens_what_is_open_to_all(
    client: Client, alice: User, carol: User
) -> None:
    for author, expected in ((alice, 200), (carol, 404)):
        url = picture_url(published(author=author, image=upload()))
        assert status(client, url, headers={"Authorization": "Bearer x.y.z"}) == expected


@pytest.mark.parametrize("blocks", ["alice", "bob"])
def test_whoever_is_blocked_by_a_public_account_is_sent_what_everybody_is(
    browser_as: As, api_as: As, alice: User, bob: User, blocks: str
) -> None:
    url = picture_url(published(author=alice, image=upload()))
    one, other = (alice, bob) if blocks == "alice" else (bob, alice)
    follows.block(blocker=one, blocked=other)
    for client in (browser_as(bob), api_as(bob), browser_as(None)):
        assert status(client, url) == 200


def test_the_original_is_at_no_address(browser_as: As, alice: User) -> None:
    photo = published(author=alice, image=upload())
    name = photo.original.rpartition("/")[2]
    for address in (f"/media/photos/{photo.code}/{name}", f"/media/{photo.original}"):
        assert status(browser_as(alice), address) == 404


@pytest.mark.parametrize("name", ["../../db.sqlite3", "..%2f..%2fdb.sqlite3", "x.webp", "%00"])
def test_no_other_file_can_be_asked_for(browser_as: As, alice: User, name: str) -> None:
    photo = published(author=alice, image=upload())
    assert status(browser_as(alice), f"/media/photos/{photo.code}/{name}") == 404


def test_a_picture_the_browser_has_is_not_sent_again(browser_as: As, carol: User) -> None:
    url = picture_url(published(author=carol, image=upload()))
    client = browser_as(carol)
    etag = fetch(client, url)["ETag"]
    assert status(client, url, headers={"If-None-Match": etag}) == 304
    assert status(browser_as(None), url, headers={"If-None-Match": etag}) == 404


def test_an_avatar_is_served_to_everybody_while_the_person_is_active(
    browser_as: As, carol: User, bob: User
) -> None:
    change_avatar(user=carol, image=upload())
    url = person(carol).avatar
    assert url is not None
    assert status(browser_as(None), url) == 200
    follows.block(blocker=carol, blocked=bob)
    assert status(browser_as(bob), url) == 200
    services.suspend(user=carol)
    assert status(browser_as(None), url) == 404


@pytest.mark.parametrize("tag", ["{}", "W/{}", '"other", {}', "*"])
def test_a_browser_may_name_what_it_has_in_several_ways(
    browser_as: As, alice: User, tag: str
) -> None:
    url = picture_url(published(author=alice, image=upload()))
    client = browser_as(None)
    etag = fetch(client, url)["ETag"]
    assert status(client, url, headers={"If-None-Match": tag.format(etag)}) == 304


class TestRanges:
    """RFC 9110, section 14: parts of a file."""

    @pytest.fixture
    def url(self, alice: User) -> str:
        """Return the address of a public picture."""
        return picture_url(published(author=alice, image=upload()))

    @pytest.mark.parametrize(
        ("asked", "part"),
        [
            ("bytes=0-0", slice(0, 1)),
            ("bytes=8-11", slice(8, 12)),
            ("Bytes=5-", slice(5, None)),
            ("bytes=-7", slice(-7, None)),
            ("bytes=0-999999999", slice(0, None)),
            ("bytes=-999999999", slice(0, None)),
        ],
    )
    def test_a_part_is_sent(self, client: Client, url: str, asked: str, part: slice) -> None:
        whole = fetch(client, url)
        assert whole["Accept-Ranges"] == "bytes"
        response = fetch(client, url, headers={"Range": asked})
        assert response.status_code == 206
        expected = whole.body[part]
        assert response.content == expected
        assert response["Content-Length"] == str(len(expected))
        first = whole.body.index(expected) if part.start != -7 else len(whole.body) - 7
        assert response["Content-Range"] == (
            f"bytes {first}-{first + len(expected) - 1}/{len(whole.body)}"
        )
        for header in ("ETag", "Cache-Control", "Vary", "Content-Type", "X-Content-Type-Options"):
            assert response[header] == whole[header]

    @pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=99999999-100000000", "bytes=-0"])
    def test_a_part_that_is_not_there_is_a_416(self, client: Client, url: str, asked: str) -> None:
        size = len(fetch(client, url).body)
        response = fetch(client, url, headers={"Range": asked})
        assert response.status_code == 416
        assert response["Cache-Control"] == "no-store"
        assert response["Content-Range"] == f"bytes */{size}"
        assert response.content == b""

    @pytest.mark.parametrize(
        "asked",
        [
            "bytes=0-1,5-6",
            "bytes=9-5",
            "bytes=-",
            "bytes=a-b",
            "lines=1-2",
            "bytes=0-" + "9" * 5000,
        ],
    )
    def test_what_is_no_single_range_gets_the_whole(
        self, client: Client, url: str, asked: str
    ) -> None:
        assert status(client, url, headers={"Range": asked}) == 200

    def test_a_part_of_an_earlier_file_gets_the_whole(self, client: Client, url: str) -> None:
        etag = fetch(client, url)["ETag"]
        for condition, expected in (
            (etag, 206),
            ('"other"', 200),
            (f"W/{etag}", 200),
            ("Mon, 01 Jan 2024 00:00:00 GMT", 200),
        ):
            headers = {"Range": "bytes=0-3", "If-Range": condition}
            assert status(client, url, headers=headers) == expected

    def test_a_part_that_the_browser_has_is_not_sent(self, client: Client, url: str) -> None:
        headers = {"Range": "bytes=0-3", "If-None-Match": fetch(client, url)["ETag"]}
        assert status(client, url, headers=headers) == 304

    def test_head_has_no_parts(self, client: Client, url: str) -> None:
        response = client.head(url, headers={"Range": "bytes=0-3"})
        response.close()
        assert response.status_code == 200

    def test_a_stranger_learns_not_even_the_size(self, browser_as: As, carol: User) -> None:
        url = picture_url(published(author=carol, image=upload()))
        response = fetch(browser_as(None), url, headers={"Range": "bytes=0-3"})
        assert response.status_code == 404
        assert "Content-Range" not in response.headers


def test_a_jpeg_is_sent_as_one(own_media_folder: Path, client: Client, alice: User) -> None:
    photo = published(author=alice, image=upload())
    (own_media_folder / "preview.jpg").write_bytes(picture())
    photo.renditions = [[400, 300, "preview.jpg"]]
    photo.save(update_fields=["renditions"])
    response = fetch(client, f"/media/photos/{photo.code}/preview.jpg")
    assert response["Content-Type"] == "image/jpeg"


class TestBehindNginx:
    """``MEDIA_ACCEL_PREFIX``: the site decides, nginx sends."""

    @pytest.fixture(autouse=True)
    def prefix(self, settings: Any) -> None:
        """Configure it."""
        settings.MEDIA_ACCEL_PREFIX = "/protected/"

    def test_the_site_names_the_file_and_sends_nothing(self, client: Client, alice: User) -> None:
        photo = published(author=alice, image=upload())
        response = client.get(picture_url(photo))
        assert response.status_code == 200
        assert response.content == b""
        assert response["X-Accel-Redirect"] == f"/protected/{photo.renditions[0][2]}"
        assert response["Content-Type"] == "image/webp"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in response["X-Picture-Cache-Control"]
        assert "Cache-Control" not in response.headers

    def test_a_stranger_is_told_no_name(self, browser_as: As, carol: User) -> None:
        url = picture_url(published(author=carol, image=upload()))
        response = browser_as(None).get(url)
        assert response.status_code == 404
        assert "X-Accel-Redirect" not in response.headers
        assert "no-cache" in browser_as(carol).get(url)["X-Picture-Cache-Control"]

    def test_a_name_is_quoted(self, client: Client, alice: User) -> None:
        photo = published(author=alice, image=upload())
        photo.renditions = [[1, 1, "odd/a b%?.webp"]]
        photo.save(update_fields=["renditions"])
        response = client.get(f"/media/photos/{photo.code}/a%20b%25%3F.webp")
        assert response["X-Accel-Redirect"] == "/protected/odd/a%20b%25%3F.webp"
