"""The lean path answers the hot reads, byte for byte as the ordinary path does."""

from __future__ import annotations

import time
from typing import Any

import orjson
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from accounts import services
from accounts.models import User
from photos.api import json_fragments
from photos.services import comment, edit_photo, like
from social.feed import fast_reads
from social.models import Feed
from tests.factories import (
    make_follow,
    make_photo,
    make_user,
    picture,
    published,
    upload,
)
from tests.social.feed.deeds import DEEDS, PEOPLE, act
from tests.social.lean import FEED, Site, bearer, sent

pytestmark = pytest.mark.django_db
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has no row versions."
)


@pytest.fixture
def site() -> Site:
    """Return a site that nobody has asked yet."""
    return Site()


@pytest.fixture
def crowd(alice: User, bob: User, carol: User) -> list[int]:
    """Let alice follow bob and carol; return the ids of 13 photos, newest first."""
    people = (bob, carol)
    for person in people:
        make_follow(alice, person)
    photos = [
        make_photo(author, f"No. {number} “é”") for number in range(6) for author in (bob, carol)
    ]
    photos.append(make_photo(alice))
    like(user=alice, photo_id=photos[3].pk)
    comment(author=alice, photo_id=photos[4].pk, text="Nice.")
    return [photo.pk for photo in photos][::-1]


LEAN = [
    "feed/",
    "feed/?limit=5",
    "feed/?limit=50",
    "feed/?cursor=n{6}",
    "feed/?cursor=n{6}&limit=3",
    "feed/?cursor=p{6}&limit=3",
    "feed/?cursor=p{0}",
    "feed/?cursor=n{12}",
    "feed/?cursor=n1",
    "photos/{0}/",
    "photos/{12}/",
]


@pytest.mark.parametrize("address", LEAN)
def test_it_answers_what_is_ordinary_and_the_same(
    site: Site, alice: User, crowd: list[int], address: str
) -> None:
    path = "/api/v1/" + address.format(*crowd)
    token = bearer(alice)
    assert site.answer(path, HTTP_AUTHORIZATION=token) == site.ordinary(
        path, HTTP_AUTHORIZATION=token
    )
    assert site.asked == 0


UNUSUAL: list[tuple[str, dict[str, Any]]] = [
    ("feed/?limit=0", {}),
    ("feed/?limit=51", {}),
    ("feed/?limit=05", {}),
    ("feed/?limit=5&limit=6", {}),
    ("feed/?limit=5&cursor=n{6}", {}),
    ("feed/?cursor=", {}),
    ("feed/?cursor=x{6}", {}),
    ("feed/?cursor=n99999999999999999999", {}),
    ("feed/?cursor=n9999999999999999999", {}),
    ("feed/?cursor=n-5", {}),
    ("feed/?color=red", {}),
    ("feed/?format=json", {}),
    ("feed", {}),
    ("feed/", {"REQUEST_METHOD": "HEAD"}),
    ("feed/", {"REQUEST_METHOD": "OPTIONS"}),
    ("feed/", {"REQUEST_METHOD": "POST"}),
    ("feed/", {"HTTP_COOKIE": "theme=dark"}),
    ("feed/", {"HTTP_ORIGIN": "https://app.example.org"}),
    ("feed/", {"CONTENT_LENGTH": "3000000"}),
    ("feed/", {"HTTP_ACCEPT": "text/html"}),
    ("feed/", {"HTTP_HOST": "elsewhere.example"}),
    ("feed/", {"HTTP_AUTHORIZATION": None}),
    ("feed/", {"HTTP_AUTHORIZATION": ""}),
    ("feed/", {"HTTP_AUTHORIZATION": "Bearer"}),
    ("feed/", {"HTTP_AUTHORIZATION": "Bearer a b"}),
    ("feed/", {"HTTP_AUTHORIZATION": "Bearer a.b.c"}),
    ("feed/", {"HTTP_AUTHORIZATION": "Basic YTpi"}),
    ("photos/{0}/?size=big", {}),
    ("photos/{0}", {}),
    ("photos/{0}/", {"REQUEST_METHOD": "DELETE", "HTTP_AUTHORIZATION": None}),
    ("photos/5/", {}),
    ("photos/9999999999999999999/", {}),
    ("photos/²/", {}),
    ("photos/{0}/likes/", {}),
    ("photos/", {}),
]


@pytest.mark.parametrize(("address", "changes"), UNUSUAL)
def test_it_leaves_what_is_unusual_to_django(
    site: Site, alice: User, crowd: list[int], settings: Any, address: str, changes: dict[str, Any]
) -> None:
    settings.RATE_LIMITS = False
    path = "/api/v1/" + address.format(*crowd)
    environ = {"HTTP_AUTHORIZATION": bearer(alice), **changes}
    site.answer(FEED, HTTP_AUTHORIZATION=bearer(alice))
    answer = site.answer(path, **environ)
    assert site.asked == 1
    assert answer == site.ordinary(path, **environ)


KINDS = [{}, {"HTTP_HOST": "localhost"}, {"HTTP_ACCEPT": "application/json, */*"}]


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_request_of_a_kind_is_answered_by_django(
    site: Site, alice: User, kind: dict[str, str]
) -> None:
    token = bearer(alice)
    site.answer(FEED, HTTP_AUTHORIZATION=token, HTTP_HOST="127.0.0.1")
    first = site.ask(FEED, HTTP_AUTHORIZATION=token, **kind)
    assert site.asked == 1
    assert site.ask(FEED, HTTP_AUTHORIZATION=token, **kind) == first
    assert site.asked == 0


def test_addresses_begin_with_what_the_client_used(
    site: Site, alice: User, crowd: list[int], settings: Any
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    asked = {"HTTP_AUTHORIZATION": bearer(alice), "HTTP_HOST": "localhost:81"}
    plain = orjson.loads(site.answer(f"{FEED}?limit=2", **asked).body)
    safe = orjson.loads(
        site.answer(f"{FEED}?limit=2", **asked, HTTP_X_FORWARDED_PROTO="https").body
    )
    assert site.asked == 0
    assert plain["results"][0]["url"].startswith("http://localhost:81/p/")
    assert safe["results"][0]["url"].startswith("https://localhost:81/p/")
    assert safe["next"].startswith("https://localhost:81/api/v1/feed/?cursor=")


def test_whom_django_sends_to_https_is_sent_there(alice: User, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    site = Site()
    assert site.answer(FEED, HTTP_AUTHORIZATION=bearer(alice)).status.startswith("301")


def test_an_expired_token_opens_nothing(
    site: Site, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = bearer(alice)
    site.answer(FEED, HTTP_AUTHORIZATION=token)
    later = time.time() + 15 * 60
    monkeypatch.setattr("social.feed.fast_path.time.time", lambda: later)
    site.ask(FEED, HTTP_AUTHORIZATION=token)
    assert site.asked == 1


@pytest.mark.parametrize("end", ["suspend", "password"])
def test_a_token_ends_at_once(site: Site, alice: User, end: str) -> None:
    token = bearer(alice)
    assert site.answer(FEED, HTTP_AUTHORIZATION=token).status == "200 OK"
    if end == "suspend":
        services.suspend(user=alice)
    else:
        services.change_password(user=alice, password="another-long-one-9")
    answer = site.answer(FEED, HTTP_AUTHORIZATION=token)
    assert answer.status.startswith("401")
    assert answer == site.ordinary(FEED, HTTP_AUTHORIZATION=token)


@pytest.mark.slow
@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(deeds=DEEDS)
def test_whatever_people_do_it_is_never_behind(db: Any, deeds: list[tuple[str, int, int]]) -> None:
    site = Site()
    people = [make_user() for _ in range(PEOPLE)]
    tokens = [bearer(person) for person in people]
    site.ask(FEED, HTTP_AUTHORIZATION=tokens[0])
    for number, (deed, one, other) in enumerate(deeds):
        # Of its own, as each request has it: a row version is the number of a transaction.
        with transaction.atomic():
            act(deed, people[one], people[other], number)
        for token in tokens:
            answer = site.ask(FEED, HTTP_AUTHORIZATION=token)
            assert site.asked == 0
            assert answer == site.ordinary(FEED, HTTP_AUTHORIZATION=token)


def statements(site: Site, address: str, token: str) -> int:
    """Return how many statements the next answer needs, which is the lean path's."""
    with sent() as asked:
        site.ask(address, HTTP_AUTHORIZATION=token)
    assert site.asked == 0
    return len(asked)


def test_a_read_is_one_statement(site: Site, alice: User, crowd: list[int]) -> None:
    """SQLite, which is no way off, is asked for account, ids and cards one after the other."""
    token = bearer(alice)
    feed, deeper, photo = FEED, f"{FEED}?cursor=n{crowd[5]}&limit=3", f"/api/v1/photos/{crowd[0]}/"
    for address in (feed, deeper, photo):
        site.answer(address, HTTP_AUTHORIZATION=token)
    asked = [statements(site, address, token) for address in (feed, deeper, photo)]
    assert asked == ([1, 1, 1] if connection.vendor == "postgresql" else [3, 3, 2])


@on_postgresql
def test_a_changed_photo_is_read_once_more(site: Site, alice: User, crowd: list[int]) -> None:
    token = bearer(alice)
    site.answer(FEED, HTTP_AUTHORIZATION=token)
    edit_photo(photo=alice.photos.get(), caption="Other words")
    assert [statements(site, FEED, token) for _ in range(2)] == [2, 1]


@on_postgresql
def test_below_what_is_stored_it_asks_twice(site: Site, alice: User, crowd: list[int]) -> None:
    token = bearer(alice)
    Feed.objects.filter(owner=alice).update(complete_from=crowd[4])
    site.answer(FEED, HTTP_AUTHORIZATION=token)
    assert statements(site, f"{FEED}?limit=3", token) == 1
    assert statements(site, FEED, token) == 2


def test_only_so_many_bytes_of_photos_are_kept(
    site: Site, alice: User, crowd: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_fragments._fragments, "max_bytes", 3000)
    token = bearer(alice)
    assert site.answer(FEED, HTTP_AUTHORIZATION=token) == site.ordinary(
        FEED, HTTP_AUTHORIZATION=token
    )
    assert json_fragments._fragments.bytes <= 3000


@on_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sql", ["SELECT nothing", "SELECT 1/0", "SELECT 'wrong', 1, 2"])
def test_a_fault_of_its_own_is_none_of_the_site(
    alice: User, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    site, token = Site(), bearer(alice)
    site.answer(FEED, HTTP_AUTHORIZATION=token)
    monkeypatch.setattr(fast_reads, "_statement", lambda *_, **__: sql + " WHERE $1+$2+$3 > 0")
    assert site.ask(FEED, HTTP_AUTHORIZATION=token).status == "200 OK"
    assert site.asked == 1


@pytest.mark.parametrize("first", ["comments/", "likes/", "originals/1/"])
def test_the_head_of_a_photo_is_learned_from_photos_only(
    site: Site, alice: User, first: str
) -> None:
    photo = published(author=alice, image=upload(picture()))
    path, token = f"/api/v1/photos/{photo.pk}/", bearer(alice)
    for _ in range(2):
        answer = site.ask(path + first, HTTP_AUTHORIZATION=token)
        assert answer.status == "200 OK"
    expected = site.ordinary(path, HTTP_AUTHORIZATION=token)
    assert site.answer(path, HTTP_AUTHORIZATION=token) == expected
