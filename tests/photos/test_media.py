"""The bytes of pictures go to those who may see them, and to nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import services as accounts
from accounts.models import User
from accounts.people import person
from photos.cards import cards_of
from photos.models import Photo
from social import follows
from social.profiles import change_avatar
from tests.factories import make_follow, make_user, published, upload

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
    accounts.suspend(user=alice)
    assert status(browser_as(None), url) == 404


def test_a_revoked_or_forged_token_opens_no_picture(client: Client, alice: User) -> None:
    url = picture_url(published(author=alice, image=upload()))
    assert status(client, url, headers={"Authorization": "Bearer x.y.z"}) == 404


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


def test_an_avatar_is_served_to_whoever_may_know_the_person(
    browser_as: As, carol: User, bob: User
) -> None:
    change_avatar(user=carol, image=upload())
    url = person(carol).avatar
    assert url is not None
    assert status(browser_as(None), url) == 200
    follows.block(blocker=carol, blocked=bob)
    assert status(browser_as(bob), url) == 404
