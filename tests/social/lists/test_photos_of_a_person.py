"""The photos of a person before Django: byte for byte what Django answers, in one statement."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.db import connection, transaction

from accounts import services
from accounts.models import User
from photos.api import json_fragments
from photos.hiding import archive_photo
from photos.models import Photo
from photos.services import like
from social import follows
from social.lists.fast_path import FastLists
from tests.factories import make_follow, make_photo
from tests.social.lean import Site, bearer, sent

pytestmark = pytest.mark.django_db

BOB, CAROL = "/api/v1/users/bob/photos/", "/api/v1/users/carol/photos/"


@pytest.fixture
def site() -> Site:
    """Return a site that nobody has asked yet, of which nothing is kept."""
    json_fragments._fragments.clear()
    return Site(FastLists)


@pytest.fixture
def photos(alice: User, bob: User) -> list[int]:
    """Return the ids of six photos of bob, newest first; alice likes one."""
    made = [make_photo(bob, f"No. {number} “é”").pk for number in range(6)]
    like(user=alice, photo_id=made[2])
    return made[::-1]


def same(site: Site, address: str, user: User) -> bool:
    """Tell whether the site answers itself, and as Django does."""
    token = bearer(user)
    answer = site.answer(address, HTTP_AUTHORIZATION=token)
    return site.asked == 0 and answer == site.ordinary(address, HTTP_AUTHORIZATION=token)


@pytest.mark.parametrize(
    "query", ["", "?limit=3", "?limit=50", "?cursor=n{2}", "?cursor=n{2}&limit=2", "?cursor=p{3}"]
)
def test_it_answers_as_django_does(
    site: Site, alice: User, bob: User, photos: list[int], query: str
) -> None:
    for viewer in (alice, bob):
        assert same(site, BOB + query.format(*photos), viewer)


@pytest.mark.parametrize(
    ("address", "changes"),
    [
        (f"{BOB}?limit=0", {}),
        (f"{BOB}?sort=popular", {}),
        (f"{BOB}?cursor=n9999999999999999999", {}),
        (BOB.replace("bob", "BOB"), {}),
        (BOB.replace("bob", "nobody"), {}),
        (CAROL, {}),
        (BOB, {"REQUEST_METHOD": "HEAD"}),
        (BOB, {"HTTP_COOKIE": "theme=dark"}),
        (BOB, {"HTTP_AUTHORIZATION": None}),
        (BOB, {"HTTP_AUTHORIZATION": "Bearer a.b.c"}),
    ],
)
def test_it_leaves_what_is_unusual_or_refused_to_django(
    site: Site, alice: User, carol: User, photos: list[int], address: str, changes: dict[str, Any]
) -> None:
    environ = {"HTTP_AUTHORIZATION": bearer(alice), **changes}
    site.answer(BOB, HTTP_AUTHORIZATION=bearer(alice))
    answer = site.answer(address, **environ)
    assert site.asked == 1
    assert answer == site.ordinary(address, **environ)


def test_the_links_lead_through_all_pages(site: Site, alice: User, photos: list[int]) -> None:
    token, address, found = bearer(alice), f"{BOB}?limit=4", []
    site.answer(address, HTTP_AUTHORIZATION=token)
    while address:
        body = orjson.loads(site.answer(address, HTTP_AUTHORIZATION=token).body)
        assert site.asked == 0
        found += [int(photo["id"]) for photo in body["results"]]
        address = (body["next"] or "").removeprefix("http://testserver")
    assert found == photos


def test_who_may_see_them_is_asked_each_time(site: Site, alice: User, carol: User) -> None:
    make_photo(carol)
    make_follow(alice, carol)
    assert same(site, CAROL, alice)
    follows.unfollow(follower=alice, followee=carol)
    token = bearer(alice)
    assert site.answer(CAROL, HTTP_AUTHORIZATION=token).status == "403 Forbidden"
    assert same(site, CAROL, carol)


def test_a_block_and_a_suspension_hide_them_at_once(
    site: Site, alice: User, bob: User, carol: User, photos: list[int]
) -> None:
    tokens = {user: bearer(user) for user in (alice, carol)}
    assert same(site, BOB, alice)
    follows.block(blocker=bob, blocked=alice)
    assert site.ask(BOB, HTTP_AUTHORIZATION=tokens[alice]).status == "404 Not Found"
    services.suspend(user=bob)
    assert site.ask(BOB, HTTP_AUTHORIZATION=tokens[carol]).status == "404 Not Found"


def test_a_token_that_has_ended_is_refused(site: Site, alice: User, photos: list[int]) -> None:
    token = bearer(alice)
    assert site.answer(BOB, HTTP_AUTHORIZATION=token).status == "200 OK"
    services.suspend(user=alice)
    assert site.ask(BOB, HTTP_AUTHORIZATION=token).status == "401 Unauthorized"


def test_what_changes_is_shown_at_the_next_request(
    site: Site, alice: User, bob: User, photos: list[int]
) -> None:
    for number in range(2):
        # Of its own, as each request has it: a row version is the number of a transaction.
        with transaction.atomic():
            Photo.objects.filter(pk=photos[0]).update(caption=f"Anew {number}")
            like(user=alice, photo_id=photos[number])
        assert same(site, BOB, alice)
    archive_photo(photo=Photo.objects.get(pk=photos[1]))
    assert same(site, BOB, bob)
    assert str(photos[1]) not in site.ask(BOB, HTTP_AUTHORIZATION=bearer(bob)).body.decode()


@pytest.mark.parametrize("is_known", [False, True])
def test_a_page_is_one_statement_whether_its_photos_are_known_or_not(
    site: Site, alice: User, photos: list[int], is_known: bool
) -> None:
    """SQLite, which is no way off, is asked for account, person, ids and cards in turn."""
    token = bearer(alice)
    site.answer(BOB, HTTP_AUTHORIZATION=token)
    if not is_known:
        json_fragments._fragments.clear()
    with sent() as statements:
        site.ask(BOB, HTTP_AUTHORIZATION=token)
    assert site.asked == 0
    assert len(statements) == (1 if connection.vendor == "postgresql" else 4)
