"""Atom feeds: read by a parser that people's feed readers are built on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import feedparser
import pytest
from django.test import Client

from accounts.models import User
from accounts.services import suspend
from photos import hiding, services
from photos.pictures import Picture
from social import follows
from tests.factories import make_follow, make_photo, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]
SITE = "https://photos.example"


@pytest.fixture(autouse=True)
def address_of_the_site(settings: Any) -> None:
    settings.SITE_URL = SITE


def parsed(path: str, client: Client | None = None) -> Any:
    """Return a feed as feedparser reads it; it must not find a fault."""
    answer = (client or Client()).get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(answer.content, sanitize_html=False)
    assert (found.bozo, found.version) == (False, "atom10")
    return found


def test_a_feed_of_a_person_has_their_photos(alice: User) -> None:
    older = make_photo(alice, "First\nlight & <b>more</b>", 'A "boat"')
    newer = make_photo(alice)
    found = parsed("/@alice/feed.atom")
    assert found.feed.title == "alice (@alice)"
    assert found.feed.link == f"{SITE}/@alice/"
    assert [one.link for one in found.entries] == [
        f"{SITE}/p/{newer.code}/",
        f"{SITE}/p/{older.code}/",
    ]
    untitled, entry = found.entries
    assert untitled.title == "Photo by alice"
    assert entry.title == "First light & <b>more</b>"
    assert "&lt;b&gt;more&lt;/b&gt;" in entry.summary
    assert f'src="{SITE}/media/photos/{older.code}/' in entry.summary
    assert entry.published_parsed[:6] == older.created_at.utctimetuple()[:6]
    assert entry.author_detail == {"name": "alice", "href": f"{SITE}/@alice/"}


def test_each_picture_is_an_enclosure(alice: User) -> None:
    photo = make_photo(alice, "Two", "One of two")
    further = Picture(800, 600, "data:,", renditions=[(320, 240, "renditions/b-320.webp")])
    photo.more = [further.as_json()]
    photo.save()
    (entry,) = parsed("/@alice/feed.atom").entries
    assert [one["type"] for one in entry.enclosures] == ["image/webp", "image/webp"]
    assert all(one["href"].startswith(f"{SITE}/media/photos/") for one in entry.enclosures)
    assert [one["width"] for one in entry.media_content] == ["320", "320"]


def test_ids_of_entries_are_for_ever(alice: User, bob: User, settings: Any) -> None:
    """Pitfall O4: a new caption, another name or another host make nothing look new."""
    photo, other = make_photo(alice, "Words #sea"), make_photo(alice, "Words #sea")
    before = {one.link: one.id for one in parsed("/@alice/feed.atom").entries}
    assert len(set(before.values())) == 2
    feed_id = parsed("/@alice/feed.atom").feed.id
    services.edit_photo(photo=photo, caption="Others #sea")
    User.objects.filter(pk=alice.pk).update(username="alicia")
    settings.SITE_URL = "https://elsewhere.example"
    after = parsed("/@alicia/feed.atom")
    assert [one.id for one in after.entries] == list(before.values())
    assert after.feed.id == feed_id
    assert [one.id for one in parsed("/tags/sea/feed.atom").entries] == list(before.values())
    assert other.pk


def test_a_feed_is_made_for_visitors_whatever_the_cookie_and_the_host(
    browser_as: As, alice: User, bob: User, carol: User, settings: Any
) -> None:
    """Pitfall O3."""
    settings.ALLOWED_HOSTS = ["*"]
    make_follow(bob, carol)
    make_photo(alice, "Seen by all #sea")
    make_photo(carol, "Seen by bob #sea")
    for path in ("/@alice/feed.atom", "/tags/sea/feed.atom"):
        answers = [
            browser_as(person).get(path, HTTP_HOST=host)
            for person in (None, bob, carol)
            for host in ("testserver", "other.example")
        ]
        assert len({answer.content for answer in answers}) == 1
        assert b"Seen by bob" not in answers[0].content
        assert b"other.example" not in answers[0].content
        assert not any(answer.cookies for answer in answers)
    assert browser_as(bob).get("/@carol/feed.atom").status_code == 404


def test_who_is_blocked_or_blocks_gets_what_a_visitor_gets(
    browser_as: As, alice: User, bob: User
) -> None:
    make_photo(alice, "Words")
    follows.block(blocker=alice, blocked=bob)
    assert len(parsed("/@alice/feed.atom", browser_as(bob)).entries) == 1


def test_people_whom_visitors_do_not_see_have_no_feed(carol: User) -> None:
    gone = make_user("gone")
    make_photo(gone)
    suspend(user=gone)
    missing = Client().get("/@nobody/feed.atom")
    for name in ("carol", "gone"):
        answer = Client().get(f"/@{name}/feed.atom")
        assert answer.status_code == 404
        assert answer.text.replace(name, "nobody") == missing.text


def test_hidden_photos_leave_at_once_and_sensitive_ones_show_nothing(alice: User) -> None:
    hidden, sensitive = make_photo(alice, "Gone"), make_photo(alice, "Secret", "Secret")
    hiding.hide_photo(photo=hidden)
    hiding.mark_sensitive(photo=sensitive, sensitive=True)
    answer = Client().get("/@alice/feed.atom")
    assert b"Secret" not in answer.content
    (entry,) = parsed("/@alice/feed.atom").entries
    assert entry.enclosures == []
    assert "<img" not in entry.summary


def test_a_tag_has_one_feed_whatever_its_spelling(alice: User) -> None:
    make_photo(alice, "At the #Café")
    assert len(parsed("/tags/café/feed.atom").entries) == 1
    answer = Client().get("/tags/CAFÉ/feed.atom")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/tags/caf%C3%A9/feed.atom")
    assert Client().get("/tags/123/feed.atom").status_code == 404


def test_a_tag_of_hidden_photos_has_the_feed_of_one_that_nobody_uses(carol: User) -> None:
    make_photo(carol, "Words #hidden")
    used, unused = (parsed(f"/tags/{name}/feed.atom") for name in ("hidden", "unused"))
    assert used.entries == unused.entries == []
    assert used.feed.updated == unused.feed.updated


@pytest.mark.parametrize("path", ["/@alice/feed.atom", "/tags/sea/feed.atom"])
def test_who_has_the_feed_as_it_is_gets_304(alice: User, path: str) -> None:
    first = Client().get(path)
    again = {"If-None-Match": first.headers["ETag"]}
    assert Client().get(path, headers=again).status_code == 304
    photo = make_photo(alice, "Words #sea")
    second = Client().get(path, headers=again)
    assert second.status_code == 200
    again = {"If-None-Match": second.headers["ETag"]}
    services.edit_photo(photo=photo, caption="Others #sea")
    assert Client().get(path, headers=again).status_code == 200
    assert "Last-Modified" not in second.headers


def test_an_empty_feed_stays_as_it_is(alice: User) -> None:
    first, second = (Client().get("/@alice/feed.atom") for _ in range(2))
    assert first.content == second.content
    assert parsed("/@alice/feed.atom").feed.updated_parsed[:3] == alice.date_joined.timetuple()[:3]


@pytest.mark.parametrize("count", [3, 30])
def test_a_feed_costs_as_much_with_many_photos(
    alice: User, count: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(count):
        make_photo(alice, "Words #sea")
    for path in ("/@alice/feed.atom", "/tags/sea/feed.atom"):
        with django_assert_max_num_queries(3):
            assert len(parsed(path).entries) == min(count, 20)
