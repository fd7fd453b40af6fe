"""Trending tags: people count, not uses; only what everybody may see; nearly for nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from photos.models import Photo
from social import follows
from social.explore import trending, trending_tags
from tests.factories import make_photo, make_user
from tests.social.explore.rankings import rank_anew

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]


def tags() -> list[tuple[str, int]]:
    return [(tag.key, tag.people) for tag in trending.compute(datetime.now(UTC))]


def test_tags_of_the_most_people_come_first(alice: User, bob: User) -> None:
    for author in (alice, bob, make_user()):
        make_photo(author, "At the #Sea")
    for author in (alice, bob):
        make_photo(author, "#hills and #SEA")
    assert tags() == [("sea", 3), ("hills", 2)]


def test_one_person_makes_no_trend(alice: User) -> None:
    for _ in range(9):
        make_photo(alice, "#buy #now")
    assert tags() == []


def test_what_not_everybody_may_see_makes_no_trend(alice: User, bob: User) -> None:
    authors = [alice, make_user(private=True), make_user(), bob]
    photos = [make_photo(author, "#secret") for author in authors]
    User.objects.filter(pk=authors[2].pk).update(is_limited=True)
    Photo.objects.filter(pk=photos[3].pk).update(hidden=True)
    assert tags() == []
    Photo.objects.update(hidden=False)
    assert tags() == [("secret", 2)]


def test_a_trend_ends_with_the_week_and_fades_before(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for author in (alice, bob):
        make_photo(author, "#old")
    later = datetime.now(UTC) + timedelta(days=6)
    assert [tag.key for tag in trending.compute(later)] == ["old"]
    assert trending.compute(later + timedelta(days=2)) == []


def test_the_newest_photo_of_each_person_says_when() -> None:
    rows = [("old", 0, 3), ("new", 48, 1), ("new", 24, 1)]
    assert [tag.key for tag in trending.in_order(rows)] == ["new", "old"]
    assert [tag.key for tag in trending.in_order([("b", 5, 2), ("a", 5, 2)])] == ["a", "b"]


def test_the_tags_are_those_of_the_snapshot_and_read_once(alice: User, bob: User) -> None:
    for author in (alice, bob):
        make_photo(author, "#sea")
    assert [tag.key for tag in trending_tags()] == ["sea"]
    for author in (alice, bob):
        make_photo(author, "#hills")
    with CaptureQueriesContext(connection) as queries:
        assert [tag.key for tag in trending_tags()] == ["sea"]
    assert len(queries) == 0
    rank_anew()
    assert {tag.key for tag in trending_tags()} == {"sea", "hills"}


def test_pages_and_api_show_them(browser_as: As, api_as: As, alice: User, bob: User) -> None:
    for author in (alice, bob):
        make_photo(author, "#Été")
    page = browser_as(None).get("/explore/").content.decode()
    tag = re.search(r'<a href="/tags/%C3%A9t%C3%A9/">(.*?)</a>', page, re.DOTALL)
    assert tag
    assert re.sub(r"\s+", " ", tag[1]).strip() == "<bdi>#été</bdi> <small> 2 people </small>"
    body = api_as(alice).get("/api/v1/explore/tags/").json()
    assert body["results"] == [
        {"name": "été", "url": "http://testserver/tags/%C3%A9t%C3%A9/", "people": 2}
    ]
    assert body["next"] is body["previous"] is None
    assert api_as(alice).get("/api/v1/explore/tags/?limit=0").status_code == 400
    assert api_as(None).get("/api/v1/explore/tags/").status_code == 401


def test_a_trend_tells_nothing_of_who_went_private(browser_as: As, alice: User, bob: User) -> None:
    for author in (alice, bob):
        make_photo(author, "#party")
    follows.set_privacy(user=bob, private=True)
    rank_anew()
    assert "#party" not in browser_as(None).get("/explore/").content.decode()
