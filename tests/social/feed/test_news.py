"""How many photos are new, what stands beside the feed, and which of its cards are saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from photos.models import Draft
from social import follows
from social.albums.saved import save
from social.feed import news_of
from tests.factories import make_follow, make_photo, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]


def counted(browser: Client, newest: int, **headers: Any) -> Any:
    """Return the answer to how much came after a photo."""
    return browser.get(f"/feed/news/?cursor=p{newest}", headers=headers)


def test_photos_of_those_followed_are_counted_from_the_newest_seen(
    browser_as: As, alice: User, bob: User
) -> None:
    make_follow(alice, bob)
    seen = make_photo(bob)
    make_photo(make_user())
    assert counted(browser_as(alice), seen.pk).json() == {"count": 0, "more": False}
    for _ in range(3):
        make_photo(bob)
    assert counted(browser_as(alice), seen.pk).json() == {"count": 3, "more": False}


def test_no_more_than_a_page_is_counted(browser_as: As, alice: User, bob: User) -> None:
    make_follow(alice, bob)
    seen = make_photo(bob)
    for _ in range(22):
        make_photo(bob)
    assert counted(browser_as(alice), seen.pk).json() == {"count": 20, "more": True}


def test_counting_costs_one_query(alice: User, bob: User) -> None:
    make_follow(alice, bob)
    seen = make_photo(bob)
    make_photo(bob)
    with CaptureQueriesContext(connection) as queries:
        assert len(news_of(alice, seen.pk, 21)) == 1
    assert len(queries) == 1


def test_where_nothing_has_come_nothing_is_sent(browser_as: As, alice: User) -> None:
    seen = make_photo(alice)
    first = counted(browser_as(alice), seen.pk)
    again = counted(browser_as(alice), seen.pk, if_none_match=first.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    make_photo(alice)
    later = counted(browser_as(alice), seen.pk, if_none_match=first.headers["ETag"])
    assert later.json()["count"] == 1


def test_people_and_drafts_stand_beside_the_feed(browser_as: As, alice: User, bob: User) -> None:
    make_photo(bob)
    Draft.objects.create(author=alice)
    html = browser_as(alice).get("/feed/side/").text
    assert "@bob" in html
    assert "1 photo is waiting" in html


def test_whoever_follows_ten_is_suggested_nobody_but_tags(
    browser_as: As, alice: User, bob: User
) -> None:
    for author in (bob, make_user(), make_user()):
        make_photo(author, "#lake")
    for _ in range(10):
        make_follow(alice, make_user())
    client = browser_as(alice)
    html = client.get("/feed/side/").text
    assert "@bob" not in html
    assert 'href="/tags/lake/"' in html
    with CaptureQueriesContext(connection) as queries:
        client.get("/feed/side/")
    assert len(queries) <= 5  # session and person; counts, drafts, tags


def test_a_card_says_that_it_is_saved(browser_as: As, alice: User, bob: User) -> None:
    make_follow(alice, bob)
    photos = [make_photo(bob), make_photo(bob)]
    save(user=alice, photo_id=photos[0].pk)
    save(user=bob, photo_id=photos[1].pk)
    html = browser_as(alice).get("/feed/").text
    assert f"/p/{photos[0].code}/unsave/" in html
    assert f"/p/{photos[1].code}/save/" in html


def test_a_follow_is_answered_with_all_that_it_changes(
    browser_as: As, alice: User, bob: User
) -> None:
    clara = make_user("clara", private=True)
    browser = browser_as(alice)
    html = browser.post("/@bob/follow/", headers={"HX-Request": "true"}).text
    for key in ("follow-bob", "counts-bob", "counts-alice"):
        assert f'data-live="{key}"' in html
    html = browser.post(f"/@{clara.username}/follow/", headers={"HX-Request": "true"}).text
    assert "Requested" in html
    assert not follows.accept(owner=clara, requester=bob)
