"""Explore before Django: byte for byte what Django answers, in one statement."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from accounts import services
from accounts.models import User
from photos.services import like
from social import follows
from social.lists import fast_path
from social.lists.fast_path import FastLists
from social.models import ExploreSnapshot
from tests.factories import make_photo, make_user
from tests.social.explore.rankings import made_earlier, rank_anew
from tests.social.feed.deeds import DEEDS, PEOPLE, act
from tests.social.lean import Site, bearer, sent

pytestmark = pytest.mark.django_db

EXPLORE = "/api/v1/explore/"


@pytest.fixture
def site() -> Site:
    """Return a site that nobody has asked yet."""
    return Site(FastLists)


@pytest.fixture
def crowd(alice: User, bob: User) -> list[int]:
    """Return the ids of ten photos of two people, newest first; some are liked."""
    photos = [
        make_photo(author, f"No. {number} “é”") for number in range(5) for author in (alice, bob)
    ]
    like(user=alice, photo_id=photos[3].pk)
    like(user=bob, photo_id=photos[5].pk)
    rank_anew()
    return [photo.pk for photo in photos][::-1]


FAST = [
    "",
    "?limit=3",
    "?sort=recent",
    "?sort=popular",
    "?limit=3&sort=popular",
    "?limit=50&sort=recent",
    "?cursor=n{4}",
    "?cursor=n{4}&limit=2",
    "?cursor=p{4}&limit=2&sort=recent",
    "?cursor=p{0}",
    "?cursor=n1",
    "?cursor=n6_{4}t9000000000000000000&sort=popular",
    "?cursor=n6_{4}t9000000000000000000&limit=3&sort=popular",
    "?cursor=p6_{4}t9000000000000000000&limit=3&sort=popular",
    "?cursor=n6_{4}t1&sort=popular",
]


@pytest.mark.parametrize("query", FAST)
def test_it_answers_as_django_does(site: Site, alice: User, crowd: list[int], query: str) -> None:
    address, token = EXPLORE + query.format(*crowd), bearer(alice)
    assert site.answer(address, HTTP_AUTHORIZATION=token) == site.ordinary(
        address, HTTP_AUTHORIZATION=token
    )
    assert site.asked == 0


UNUSUAL: list[tuple[str, dict[str, Any]]] = [
    ("?sort=loved", {}),
    ("?sort=popular&limit=3", {}),
    ("?cursor=n6_{4}&sort=popular", {}),
    ("?cursor=n6_{4}t5", {}),
    ("?limit=0", {}),
    ("?limit=51", {}),
    ("?cursor=", {}),
    ("?cursor=n{4}&sort=popular", {}),
    ("?cursor=n9999999999999999999", {}),
    ("?color=red", {}),
    ("", {"REQUEST_METHOD": "HEAD"}),
    ("", {"HTTP_COOKIE": "theme=dark"}),
    ("", {"HTTP_ORIGIN": "https://app.example.org"}),
    ("", {"HTTP_AUTHORIZATION": None}),
    ("", {"HTTP_AUTHORIZATION": "Bearer a.b.c"}),
    ("", {"HTTP_HOST": "elsewhere.example"}),
]


@pytest.mark.parametrize(("query", "changes"), UNUSUAL)
def test_it_leaves_what_is_unusual_to_django(
    site: Site, alice: User, crowd: list[int], query: str, changes: dict[str, Any]
) -> None:
    environ = {"HTTP_AUTHORIZATION": bearer(alice), **changes}
    site.answer(EXPLORE, HTTP_AUTHORIZATION=bearer(alice))
    address = EXPLORE + query.format(*crowd)
    answer = site.answer(address, **environ)
    assert site.asked == 1
    assert answer == site.ordinary(address, **environ)


@pytest.mark.parametrize("order", ["recent", "popular"])
def test_the_links_lead_through_all_pages(
    site: Site, alice: User, crowd: list[int], order: str
) -> None:
    token, address, found = bearer(alice), f"{EXPLORE}?limit=3&sort={order}", []
    site.answer(address, HTTP_AUTHORIZATION=token)
    while address:
        body = orjson.loads(site.answer(address, HTTP_AUTHORIZATION=token).body)
        assert site.asked == 0
        found += [int(photo["id"]) for photo in body["results"]]
        address = (body["next"] or "").removeprefix("http://testserver")
    assert sorted(found) == sorted(crowd)
    assert (found == crowd) is (order == "recent")


def test_where_a_ranking_is_due_django_computes_it_once(
    site: Site, alice: User, crowd: list[int]
) -> None:
    token, address = bearer(alice), f"{EXPLORE}?sort=popular"
    site.answer(address, HTTP_AUTHORIZATION=token)
    made_earlier()
    asked = []
    for _ in range(2):
        assert site.ask(address, HTTP_AUTHORIZATION=token).status == "200 OK"
        asked.append(site.asked)
    # SQLite is asked the ordinary queries on the lean path, too.
    assert asked == ([1, 0] if connection.vendor == "postgresql" else [0, 0])
    assert ExploreSnapshot.objects.get().pk > 1


@pytest.mark.parametrize("end", ["suspended", "logged out everywhere"])
def test_a_token_that_has_ended_is_refused_by_django(
    site: Site, alice: User, bob: User, crowd: list[int], end: str
) -> None:
    token = bearer(alice)
    assert site.answer(EXPLORE, HTTP_AUTHORIZATION=token).status == "200 OK"
    if end == "suspended":
        services.suspend(user=alice)
    else:
        services.change_password(user=alice, password="another-Password-1")
    assert site.ask(EXPLORE, HTTP_AUTHORIZATION=token).status == "401 Unauthorized"


def test_who_blocks_is_not_shown_and_counts_are_the_callers(
    site: Site, alice: User, bob: User, carol: User, crowd: list[int]
) -> None:
    photo = make_photo(carol)
    like(user=bob, photo_id=photo.pk)
    follows.block(blocker=bob, blocked=alice)
    for user in (alice, bob, carol):
        for query in ("", "?sort=popular"):
            token = bearer(user)
            assert site.answer(EXPLORE + query, HTTP_AUTHORIZATION=token) == site.ordinary(
                EXPLORE + query, HTTP_AUTHORIZATION=token
            )


@pytest.mark.slow
@hypothesis_settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(deeds=DEEDS)
def test_whatever_people_do_it_is_never_behind(db: Any, deeds: list[tuple[str, int, int]]) -> None:
    site = Site(FastLists)
    people = [make_user() for _ in range(PEOPLE)]
    tokens = [bearer(person) for person in people]
    site.ask(EXPLORE, HTTP_AUTHORIZATION=tokens[0])
    # Where there is no photo to show, Django looks whether a ranking is due.
    make_photo(make_user())
    for number, (deed, one, other) in enumerate(deeds):
        # Of its own, as each request has it: a row version is the number of a transaction.
        with transaction.atomic():
            act(deed, people[one], people[other], number)
            rank_anew()
        for token in tokens:
            for query in ("", "?sort=popular"):
                answer = site.ask(EXPLORE + query, HTTP_AUTHORIZATION=token)
                assert site.asked == 0
                assert answer == site.ordinary(EXPLORE + query, HTTP_AUTHORIZATION=token)
            # Whoever may not see them is refused, by Django.
            theirs = f"/api/v1/users/{people[one].username}/photos/"
            answer = site.ask(theirs, HTTP_AUTHORIZATION=token)
            assert answer == site.ordinary(theirs, HTTP_AUTHORIZATION=token)


@pytest.mark.parametrize("query", ["", "?sort=popular", "?limit=3"])
def test_a_page_is_one_statement(site: Site, alice: User, crowd: list[int], query: str) -> None:
    """SQLite, which is no way off, is asked for account, ids and cards one after the other."""
    token = bearer(alice)
    site.answer(EXPLORE + query, HTTP_AUTHORIZATION=token)
    with sent() as statements:
        site.ask(EXPLORE + query, HTTP_AUTHORIZATION=token)
    assert site.asked == 0
    assert len(statements) == (1 if connection.vendor == "postgresql" else 3)


def test_a_fault_of_its_own_is_none_of_the_site(
    site: Site, alice: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    token = bearer(alice)
    site.answer(EXPLORE, HTTP_AUTHORIZATION=token)
    monkeypatch.setitem(fast_path._LISTS, "explore", lambda *_: 1 // 0)
    assert site.ask(EXPLORE, HTTP_AUTHORIZATION=token).status == "200 OK"
    assert site.asked == 1
    assert "The fast path of lists has failed" in caplog.text
