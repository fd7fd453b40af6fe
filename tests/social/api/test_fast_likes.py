"""Likes before Django: the answers, limits and refusals of the ordinary path, in one statement."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.db import connection

from accounts import services
from accounts.models import User
from minigram_site.counters import totals
from photos.models import Like, Photo, PhotoStats
from social import follows
from tests.factories import make_photo
from tests.redis_server import RedisServer
from tests.social.lean import FEED, Answer, Site, bearer, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(alice: User) -> Site:
    """Return a site that has learned the heads of both methods."""
    site = Site()
    other = make_photo(alice)
    for method in ("PUT", "DELETE"):
        _call(site, method, other, alice)
    return site


@pytest.fixture
def photo(alice: User) -> Photo:
    """Return a photo of alice."""
    return make_photo(alice)


def _call(site: Site, method: str, photo: Photo, user: User, **environ: Any) -> Answer:
    address = f"/api/v1/photos/{photo.pk}/like/"
    if "HTTP_AUTHORIZATION" not in environ:
        environ["HTTP_AUTHORIZATION"] = bearer(user)
    return site.ask(address, **{"REQUEST_METHOD": method, **environ})


def _state(answer: Answer) -> tuple[bool, int]:
    assert answer.status == "200 OK"
    body = orjson.loads(answer.body)
    return body["liked"], body["like_count"]


def _but_what_is_left(answer: Answer) -> list[tuple[str, str]]:
    """Return the headers but the one that no two requests share."""
    return [header for header in answer.headers if header[0] != "RateLimit"]


def test_a_like_and_its_end_are_answered_as_by_django(
    site: Site, alice: User, bob: User, photo: Photo
) -> None:
    for method in ("PUT", "PUT", "DELETE", "DELETE"):
        address = f"/api/v1/photos/{photo.pk}/like/"
        environ = {"HTTP_AUTHORIZATION": bearer(alice), "REQUEST_METHOD": method}
        ordinary = site.ordinary(address, **environ)
        fast = _call(site, method, photo, bob, CONTENT_LENGTH="0")
        assert site.asked == 0
        assert _but_what_is_left(fast) == _but_what_is_left(ordinary)
        assert _state(fast)[0] is _state(ordinary)[0]


def test_repeated_it_changes_nothing(site: Site, alice: User, bob: User, photo: Photo) -> None:
    asked = [("PUT", alice), ("PUT", bob), ("PUT", bob), ("DELETE", bob), ("DELETE", bob)]
    states = [_state(_call(site, method, photo, user)) for method, user in asked]
    assert states == [(True, 1), (True, 2), (True, 2), (False, 1), (False, 1)]
    assert PhotoStats.objects.get(photo=photo).like_count == Like.objects.count() == 1


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_it_is_one_statement(site: Site, bob: User, photo: Photo, method: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite is asked by the ordinary verbs.")
    token = bearer(bob)
    with sent() as statements:
        _call(site, method, photo, bob, HTTP_AUTHORIZATION=token)
    assert (site.asked, len(statements)) == (0, 1)


def test_who_may_not_see_the_photo_is_answered_by_django(
    site: Site, alice: User, bob: User, photo: Photo
) -> None:
    follows.set_privacy(user=alice, private=True)
    assert _call(site, "PUT", photo, bob).status == "404 Not Found"
    follows.set_privacy(user=alice, private=False)
    follows.block(blocker=alice, blocked=bob)
    assert _call(site, "PUT", photo, bob).status == "404 Not Found"
    assert (site.asked, Like.objects.count()) == (1, 0)


def test_a_token_that_has_ended_changes_nothing(site: Site, bob: User, photo: Photo) -> None:
    token = bearer(bob)
    services.suspend(user=bob)
    answer = _call(site, "PUT", photo, bob, HTTP_AUTHORIZATION=token)
    assert answer.status == "401 Unauthorized"
    assert (site.asked, Like.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    "environ",
    [
        {"HTTP_COOKIE": "theme=dark"},
        {"CONTENT_LENGTH": "2"},
        {"HTTP_CONTENT_ENCODING": "gzip"},
        {"HTTP_TRANSFER_ENCODING": "chunked"},
        {"QUERY_STRING": "format=json"},
        {"REQUEST_METHOD": "POST"},
        {"HTTP_AUTHORIZATION": "Bearer a.b.c"},
        {"HTTP_AUTHORIZATION": None},
        {"HTTP_ACCEPT": "text/html"},
        {"HTTP_HOST": "elsewhere.example"},
    ],
)
def test_what_is_unusual_is_left_to_django(
    site: Site, bob: User, photo: Photo, environ: dict[str, Any]
) -> None:
    _call(site, "PUT", photo, bob, **environ)
    assert site.asked == 1


def test_both_ways_count_for_one_limit(site: Site, bob: User, photo: Photo, settings: Any) -> None:
    settings.RATE_LIMITS, settings.THROTTLE_RATES = True, {"write": (3, 60)}
    cookie = {"HTTP_COOKIE": "theme=dark"}
    asked = [_call(site, "PUT", photo, bob, **environ) for environ in ({}, cookie, {}, {}, cookie)]
    assert [answer.status[:3] for answer in asked] == ["200", "200", "200", "429", "429"]
    assert orjson.loads(asked[3].body)["code"] == "throttled"
    left = [dict(answer.headers)["RateLimit"].partition(";t=")[0] for answer in asked]
    assert left == [f'"write";r={rest}' for rest in (2, 1, 0, 0, 0)]
    assert dict(asked[0].headers)["RateLimit-Policy"] == '"write";q=3;w=60'


def test_a_refusal_counts_once(site: Site, alice: User, bob: User, settings: Any) -> None:
    photo, hidden = make_photo(bob), make_photo(alice)
    follows.block(blocker=alice, blocked=bob)
    settings.RATE_LIMITS, settings.THROTTLE_RATES = True, {"write": (2, 60)}
    asked = [_call(site, "PUT", one, bob).status[:3] for one in (hidden, photo, photo)]
    assert asked == ["404", "200", "429"]


def test_likes_are_counted_among_the_answers_of_the_api(
    site: Site, bob: User, photo: Photo
) -> None:
    def count() -> float:
        labels = {"kind": "api", "source": "sql"}
        return sum(value for name, of, value in totals() if of == labels)

    before = count()
    _call(site, "PUT", photo, bob)
    assert (site.asked, count() - before) == (0, 1)


def test_with_a_cache_the_next_read_shows_it(cached: RedisServer, site: Site, bob: User) -> None:
    photo = make_photo(bob)
    read = {"HTTP_AUTHORIZATION": bearer(bob)}
    site.answer(FEED, **read)
    for method, count in (("PUT", 1), ("DELETE", 0)):
        _call(site, method, photo, bob)
        assert site.asked == 0
        shown = orjson.loads(site.answer(FEED, **read).body)["results"][0]
        assert (shown["like_count"], shown["liked"]) == (count, bool(count))
