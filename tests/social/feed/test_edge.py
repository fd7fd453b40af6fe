"""What nginx is told of keys and formats is what the site writes; nobody else is told."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
import redis
from django.urls import reverse

from accounts.models import User
from infra.project import PROJECT
from minigram_site.cache.lease import LEASE_SECONDS
from minigram_site.cache.scripts import TOKEN_LENGTH
from photos.services import like
from social import follows
from social.feed import edge, fast_feed
from social.feed.edge import EdgeQuestions
from social.feed.fast_path import HotReads
from tests.factories import make_photo
from tests.redis_server import RedisServer
from tests.social.lean import FEED, Answer, Site, bearer

LUA = PROJECT / "infra" / "nginx" / "edge"
BASE = "http://testserver"


class EdgeSite(Site):
    """The site, as nginx asks it over a socket."""

    def __init__(self) -> None:
        super().__init__(lambda django: EdgeQuestions(HotReads(django)))

    def told(self, question: str, **environ: Any) -> str:
        """Return what nginx is told; empty where that is nothing."""
        answer = self.question(question, **environ)
        return answer.body.decode() if answer.status == "200 OK" else ""

    def question(self, question: str, **environ: Any) -> Answer:
        """Return the answer to a question of nginx."""
        return self.ask(edge.PREFIX + question, **{"REMOTE_ADDR": "", **environ})


@pytest.fixture
def site() -> EdgeSite:
    """Return a site that nobody has asked yet."""
    return EdgeSite()


def described(site: EdgeSite) -> dict[str, str]:
    """Return what nginx is told of the cache, by name."""
    return dict(line.split(" ", 1) for line in site.told("lease").splitlines())


def filled(key: str, **values: object) -> str:
    """Return a key as the edge makes it."""
    return re.sub(r"\{(\w+)\}", lambda match: str(values[match[1]]), key)


@pytest.mark.django_db(transaction=True)
def test_the_keys_are_those_that_the_site_writes(
    cached: RedisServer, site: EdgeSite, alice: User, bob: User
) -> None:
    follows.follow(follower=alice, followee=bob)
    photo = make_photo(bob)
    like(user=alice, photo_id=photo.pk)
    token = bearer(alice)
    for path in (f"{FEED}?limit=5", f"/api/v1/photos/{photo.pk}/"):
        for _ in range(3):
            site.ask(path, HTTP_AUTHORIZATION=token)
    user, _, session, _ = site.told("caller", HTTP_AUTHORIZATION=token).split()
    values = {"user": user, "session": session, "photo": photo.pk}
    values |= {"cursor": "", "limit": "5", "base": BASE}
    keys = described(site)
    for name in ("account", "blocks", "photo", "page", "counts", "likes"):
        assert filled(keys[name], **values) in cached.keys("*"), name


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_told_for_as_long_as_it_lasts(
    cached: RedisServer, site: EdgeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = int(described(site)["milliseconds"])
    assert 0 < told <= 20_000
    monkeypatch.setattr("minigram_site.cache.lease.LEASE_SECONDS", LEASE_SECONDS)
    assert not site.told("lease") or int(described(site)["milliseconds"]) <= 2000


@pytest.mark.django_db
def test_without_redis_there_is_no_lease(site: EdgeSite) -> None:
    assert site.question("lease").status == "404 Not Found"


@pytest.mark.django_db
def test_a_caller_is_told_for_a_token_of_this_site_alone(site: EdgeSite, alice: User) -> None:
    user, version, session, expiry = site.told("caller", HTTP_AUTHORIZATION=bearer(alice)).split()
    assert (int(user), int(version)) == (alice.pk, alice.auth_version)
    assert int(session) > 0
    assert int(expiry) > 1_700_000_000
    for wrong in (bearer(alice)[:-2] + "xx", "Bearer", "Basic YTpi"):
        assert not site.told("caller", HTTP_AUTHORIZATION=wrong)


@pytest.mark.django_db
def test_a_head_is_told_once_it_has_been_learned(site: EdgeSite, alice: User) -> None:
    assert not site.told("head", QUERY_STRING="kind=feed")
    answer = site.ask(FEED, HTTP_AUTHORIZATION=bearer(alice))
    base, *lines = site.told("head?kind=feed").splitlines()
    assert base == BASE
    headers = {tuple(line.split(": ", 1)) for line in lines}
    assert headers | {("Content-Length", str(len(answer.body)))} == set(answer.headers)
    assert not site.told("head?kind=photo")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "outside",
    [{"HTTP_X_FORWARDED_FOR": "192.0.2.1"}, {"REMOTE_ADDR": "192.0.2.1"}],
    ids=["by a proxy", "from another machine"],
)
def test_questions_from_outside_are_not_answered(
    site: EdgeSite, alice: User, outside: dict[str, str]
) -> None:
    token = bearer(alice)
    assert site.told("caller", HTTP_AUTHORIZATION=token)
    assert site.question("caller", HTTP_AUTHORIZATION=token, **outside).status == "404 Not Found"
    assert site.asked == 1


def test_the_edge_knows_the_form_of_what_it_reads() -> None:
    lease, entries, front = (
        (LUA / f"{name}.lua").read_text() for name in ("lease", "entries", "front")
    )
    assert f'local FORMAT = "{edge.FORMAT}"' in lease
    assert f"local TOKEN = {TOKEN_LENGTH}" in entries
    gap, blocks = fast_feed._GAP[0], fast_feed._BLOCKS[0]
    assert f'local GAP, BLOCKS = "\\{gap}", "\\{blocks}"' in front
    assert f'local FEED = "{reverse("api-feed")}"' in front
    assert f'"^{reverse("api-publish")}(%d+)/$"' in front


@pytest.mark.django_db(transaction=True)
def test_a_photo_is_told_as_it_is_answered_up_to_its_counts(
    cached: RedisServer, site: EdgeSite, alice: User
) -> None:
    photo = make_photo(alice, "“é” \U0001f600")
    path = f"/api/v1/photos/{photo.pk}/"
    shown = [site.ask(path, HTTP_AUTHORIZATION=bearer(alice)) for _ in range(3)][-1]
    key = filled(described(site)["photo"], photo=photo.pk)
    entry = redis.Redis.from_url(cached.url).hget(key, "b")
    assert isinstance(entry, bytes)
    told = site.question(
        f"photo?base={BASE}",
        CONTENT_LENGTH=str(len(entry)),
        **{"wsgi.input": io.BytesIO(entry)},
    )
    assert told.body + b',"like_count":0,"comment_count":0,"liked":false}' == shown.body
    assert not site.told("photo", CONTENT_LENGTH="5")
    assert not site.told(f"photo?base={BASE}", CONTENT_LENGTH="0")
