"""Follows and comments before Django: the answers, refusals and limits of the ordinary path."""

from __future__ import annotations

import io
from typing import Any

import orjson
import psycopg
import pytest
from django.db import OperationalError, connection

from accounts.models import Follow, FollowRequest, User
from accounts.services import suspend
from minigram_site.web.bodies.refused import with_whole_bodies
from photos import services
from photos.models import Comment, Photo, PhotoStats
from social import follows
from social.api.fast_writes import FastWrites
from social.feed import rebuild
from tests.factories import make_photo, make_user
from tests.redis_server import RedisServer
from tests.social.api.test_write_costs import COMMENT, FOLLOW
from tests.social.lean import FEED, Answer, Site, bearer, sent

pytestmark = pytest.mark.django_db
_TRANSACTION = ("SAVEPOINT", "RELEASE", "ROLLBACK")


@pytest.fixture
def photo(alice: User) -> Photo:
    """Return a photo of alice."""
    return make_photo(alice)


@pytest.fixture
def site(alice: User, photo: Photo) -> Site:
    """Return a site that has learned the heads of all writes."""
    site, other = Site(), make_user("zoe")
    for method in ("PUT", "DELETE"):
        _follow(site, method, alice, other)
    _comment(site, photo, other, "First.")
    Comment.objects.all().delete()
    PhotoStats.objects.update(comment_count=0)
    return site


def _environ(user: User, method: str, **changes: Any) -> dict[str, Any]:
    if "HTTP_AUTHORIZATION" not in changes:
        changes["HTTP_AUTHORIZATION"] = bearer(user)
    return {"REQUEST_METHOD": method, **changes}


def _body_of(content: bytes, **changes: Any) -> dict[str, Any]:
    return {
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.input": io.BytesIO(content),
        **changes,
    }


def _follow(site: Site, method: str, whom: User, user: User, **changes: Any) -> Answer:
    return site.ask(
        f"/api/v1/users/{whom.username.upper()}/follow/", **_environ(user, method, **changes)
    )


def _comment(site: Site, photo: Photo, user: User, text: Any, **changes: Any) -> Answer:
    content = text if isinstance(text, bytes) else orjson.dumps({"text": text})
    address = f"/api/v1/photos/{photo.pk}/comments/"
    return site.ask(address, **_environ(user, "POST", **_body_of(content, **changes)))


@pytest.mark.parametrize("private", [False, True])
def test_a_follow_and_its_end_are_answered_as_by_django(
    site: Site, alice: User, bob: User, carol: User, private: bool
) -> None:
    follows.set_privacy(user=alice, private=private)
    for method in ("PUT", "PUT", "DELETE", "DELETE"):
        fast = _follow(site, method, alice, bob)
        assert site.asked == 0
        assert fast == site.ordinary("/api/v1/users/alice/follow/", **_environ(carol, method))
    for method, links in (("PUT", 1), ("DELETE", 0)):
        _follow(site, method, alice, bob)
        kept = (FollowRequest if private else Follow).objects.count()
        assert (site.asked, kept) == (0, links)


def test_a_comment_is_answered_as_by_django(site: Site, photo: Photo, bob: User) -> None:
    text = " Schön!\r\nNice “one” \u202e "
    fast = _comment(site, photo, bob, text, CONTENT_TYPE="application/json; charset=UTF-8")
    assert site.asked == 0
    address, body = f"/api/v1/photos/{photo.pk}/comments/", orjson.dumps({"text": text})
    ordinary = site.ordinary(address, **_environ(bob, "POST", **_body_of(body)))
    assert fast.status == ordinary.status
    assert [name for name, _ in fast.headers] == [name for name, _ in ordinary.headers]
    assert fast.status == "201 Created"
    one, other = orjson.loads(fast.body), orjson.loads(ordinary.body)
    assert one.keys() == other.keys()
    assert [one[name] for name in ("author", "text")] == [other[n] for n in ("author", "text")]
    newest, oldest = Comment.objects.order_by("-pk")
    assert (str(oldest.pk), oldest.text) == (one["id"], newest.text)
    assert PhotoStats.objects.get(photo=photo).comment_count == 2


def test_on_postgresql_they_need_no_more_statements_than_the_verbs(
    site: Site, photo: Photo, alice: User, bob: User
) -> None:
    rebuild(bob)
    token = {"HTTP_AUTHORIZATION": bearer(bob)}
    with sent() as statements:
        _comment(site, photo, bob, "Nice.", **token)
    asked = [sql for sql in statements if not sql.startswith(_TRANSACTION)]
    assert (site.asked, len(asked)) == (0, COMMENT[connection.vendor]), asked
    with sent() as statements:
        _follow(site, "PUT", alice, bob, **token)
    asked = [sql for sql in statements if not sql.startswith(_TRANSACTION)]
    assert (site.asked, len(asked)) == (0, FOLLOW[connection.vendor])


def test_who_may_not_is_answered_by_django(
    site: Site, photo: Photo, alice: User, bob: User
) -> None:
    assert _follow(site, "PUT", alice, alice).status == "409 Conflict"
    follows.set_privacy(user=alice, private=True)
    assert _comment(site, photo, bob, "Nice.").status == "404 Not Found"
    follows.block(blocker=alice, blocked=bob)
    assert _follow(site, "PUT", alice, bob).status == "404 Not Found"
    assert (Follow.objects.count(), Comment.objects.count()) == (0, 0)


def test_a_token_that_has_ended_changes_nothing(
    site: Site, photo: Photo, alice: User, bob: User
) -> None:
    token = {"HTTP_AUTHORIZATION": bearer(bob)}
    suspend(user=bob)
    asked = (_follow(site, "PUT", alice, bob, **token), _comment(site, photo, bob, "No.", **token))
    assert [answer.status[:3] for answer in asked] == ["401", "401"]
    assert (Follow.objects.count(), Comment.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("content", "changes", "status"),
    [
        (b'{"text":"Nice."}', {"HTTP_IDEMPOTENCY_KEY": "once"}, 201),
        (b'{"text":"Nice.","more":1}', {}, 201),
        (b'{"text":"Nice."}', {"HTTP_COOKIE": "theme=dark"}, 201),
        (b'{"text":"Nice."}', {"HTTP_ORIGIN": "https://app.example.org"}, 201),
        (b"text=Nice.", {"CONTENT_TYPE": "application/x-www-form-urlencoded"}, 415),
        (b'{"text":" \\u200b "}', {}, 400),
        (b'{"text":3}', {}, 201),
        (b'{"text":[]}', {}, 400),
        (b'["text"]', {}, 400),
        (b'{"text":"Nice."', {}, 400),
        (b'{"text":"%b"}' % (b"x" * 40_000), {}, 400),
        (b"", {}, 400),
    ],
)
def test_an_unusual_body_gets_djangos_answer(
    site: Site, photo: Photo, bob: User, content: bytes, changes: dict[str, Any], status: int
) -> None:
    answer = _comment(site, photo, bob, content, **changes)
    assert int(answer.status[:3]) == status
    assert Comment.objects.count() == (1 if status == 201 else 0)
    assert site.asked == (0 if content == b'{"text":3}' else 1)


def test_a_body_that_is_cut_off_is_refused(photo: Photo, alice: User, bob: User) -> None:
    site = Site(lambda django: FastWrites(with_whole_bodies(django)))
    _comment(site, photo, bob, "First.")
    answer = _comment(site, photo, bob, b'{"text":"Nice."}', CONTENT_LENGTH="17")
    assert orjson.loads(answer.body)["code"] == "incomplete_body"
    assert Comment.objects.count() == 1


def test_a_comment_that_may_have_been_written_is_not_written_again(
    site: Site, photo: Photo, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = services.comment

    def lost(**arguments: Any) -> None:
        write(**arguments)
        raise OperationalError from psycopg.OperationalError("The connection is lost.")

    monkeypatch.setattr(services, "comment", lost)
    answer = _comment(site, photo, bob, "Nice.")
    assert answer.status == "503 Service Unavailable"
    assert dict(answer.headers)["Content-Type"] == "application/problem+json"
    assert (site.asked, Comment.objects.count()) == (1, 1)


def test_a_photo_that_goes_meanwhile_gets_no_comment(
    site: Site, photo: Photo, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = services.comment

    def late(**arguments: Any) -> Comment:
        services.delete_photo(photo=photo)
        return write(**arguments)

    monkeypatch.setattr(services, "comment", late)
    assert _comment(site, photo, bob, "Nice.").status == "404 Not Found"
    assert (site.asked, Comment.objects.count()) == (1, 0)


def test_both_ways_count_for_one_limit(site: Site, photo: Photo, bob: User, settings: Any) -> None:
    settings.RATE_LIMITS = True
    settings.THROTTLE_RATES = {"comment": (2, 60), "write": (9, 60)}
    cookie = {"HTTP_COOKIE": "theme=dark"}
    asked = [_comment(site, photo, bob, "Nice.", **changes) for changes in ({}, cookie, {})]
    assert [answer.status[:3] for answer in asked] == ["201", "201", "429"]
    assert orjson.loads(asked[2].body)["code"] == "throttled"


def test_with_a_cache_the_next_read_shows_it(
    cached: RedisServer, site: Site, photo: Photo, alice: User, bob: User
) -> None:
    read = {"HTTP_AUTHORIZATION": bearer(bob)}

    def shown() -> list[Any]:
        return list(orjson.loads(site.answer(FEED, **read).body)["results"])

    assert shown() == []
    for method, number in (("PUT", 1), ("DELETE", 0), ("PUT", 1)):
        _follow(site, method, alice, bob)
        assert (site.asked, len(shown())) == (0, number)
    _comment(site, photo, bob, "Nice.")
    assert (site.asked, shown()[0]["comment_count"]) == (0, 1)


def test_comments_switched_off_and_too_many_tags_are_refused_as_by_django(
    site: Site, photo: Photo, bob: User
) -> None:
    tags = _comment(site, photo, bob, " ".join(f"#t{number}" for number in range(31)))
    assert (tags.status, orjson.loads(tags.body)["code"]) == ("400 Bad Request", "invalid")
    services.edit_photo(photo=photo, comments_off=True)
    off = _comment(site, photo, bob, "Hi")
    assert (off.status, orjson.loads(off.body)["code"]) == ("403 Forbidden", "comments_off")
    assert not Comment.objects.exists()
