"""Muting in pages: the menu of a profile, the list in the settings, comments, suggestions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.models import HiddenSuggestion, Mute, User
from photos.services import comment
from social import follows, mutes
from tests.factories import make_photo, make_user
from tests.social.lean import sent

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]


@pytest.mark.parametrize(("days", "length"), [("1", 1), ("7", 7), ("30", 30), ("0", None)])
def test_a_person_is_muted_for_as_long_as_one_likes(
    browser_as: As, alice: User, bob: User, days: str, length: int | None
) -> None:
    browser = browser_as(alice)
    assert "/@bob/mute/" in browser.get("/@bob/").content.decode()
    assert "won’t be told" in browser.get("/@bob/mute/").content.decode()
    page = browser.post("/@bob/mute/", {"days": days}, follow=True)
    assert "You’ve muted @bob. They won’t be told." in page.content.decode()
    assert "Unmute" in page.content.decode()
    ends_at = Mute.objects.get(muter=alice, muted=bob).ends_at
    if length is None:
        assert ends_at is None
    else:
        assert ends_at is not None
        assert abs(ends_at - timezone.now() - timedelta(days=length)) < timedelta(minutes=5)


@pytest.mark.parametrize("sent", [{}, {"days": "2"}, {"days": "x"}])
def test_another_length_is_refused_with_a_sentence(
    browser_as: As, alice: User, bob: User, sent: dict[str, str]
) -> None:
    response = browser_as(alice).post("/@bob/mute/", sent)
    assert response.status_code == 422
    assert "errors" in response.content.decode()
    assert not Mute.objects.exists()


def test_muting_oneself_is_refused_with_a_sentence(browser_as: As, alice: User) -> None:
    page = browser_as(alice).post("/@alice/mute/", {"days": "0"}, follow=True)
    assert "You can’t mute yourself." in page.content.decode()


def test_the_list_shows_whom_one_mutes_and_ends_it(browser_as: As, alice: User, bob: User) -> None:
    browser = browser_as(alice)
    assert "You haven’t muted anyone." in browser.get("/settings/muted/").content.decode()
    mutes.mute(muter=alice, muted=bob, ends_at=timezone.now() + timedelta(days=1))
    assert "@bob" in browser.get("/settings/muted/").content.decode()
    page = browser.post("/@bob/unmute/", {"next": "/settings/muted/"}, follow=True)
    assert "@bob is no longer muted." in page.content.decode()
    assert not Mute.objects.exists()


def test_who_is_suspended_is_listed_again_when_restored(
    browser_as: As, alice: User, bob: User
) -> None:
    mutes.mute(muter=alice, muted=bob)
    browser = browser_as(alice)
    services.suspend(user=bob)
    assert "@bob" not in browser.get("/settings/muted/").content.decode()
    services.restore(user=bob)
    assert "@bob" in browser.get("/settings/muted/").content.decode()


def test_who_blocks_one_is_not_in_the_list(browser_as: As, alice: User, bob: User) -> None:
    mutes.mute(muter=alice, muted=bob)
    follows.block(blocker=bob, blocked=alice)
    assert "@bob" not in browser_as(alice).get("/settings/muted/").content.decode()
    assert browser_as(alice).post("/@bob/mute/", {"days": "0"}).status_code == 404


@pytest.mark.parametrize("rows", [2, 20])
def test_the_list_costs_as_much_with_many(browser_as: As, alice: User, rows: int) -> None:
    for _ in range(rows):
        mutes.mute(muter=alice, muted=make_user())
    browser = browser_as(alice)
    browser.get("/settings/muted/")
    with sent() as queries:
        browser.get("/settings/muted/")
    # Who it is, the people, and the badge of the navigation.
    assert len(queries) == (3 if connection.vendor == "postgresql" else 4)


def test_comments_of_the_muted_are_folded_up_for_the_muter_alone(
    browser_as: As, alice: User, bob: User
) -> None:
    eve = make_user("eve")
    photo = make_photo(bob)
    top = comment(author=eve, photo_id=photo.pk, text="Look at me")
    comment(author=bob, photo_id=photo.pk, text="Thank you", reply_to=top)
    mutes.mute(muter=alice, muted=eve)
    address = f"/p/{photo.code}/"
    page = browser_as(alice).get(address).content.decode()
    assert page.count('<details class="folded">') == 1
    folded = page.partition('<details class="folded">')[2].partition("</details>")[0]
    assert "A comment by someone you muted" in folded
    assert "Look at me" in folded
    assert "Thank you" not in folded
    assert "Thank you" in page
    for viewer in (bob, eve, None):
        assert "folded" not in browser_as(viewer).get(address).content.decode()


def test_a_folded_reply_stays_in_its_thread(browser_as: As, alice: User, bob: User) -> None:
    eve = make_user("eve")
    photo = make_photo(bob)
    top = comment(author=bob, photo_id=photo.pk, text="First")
    comment(author=eve, photo_id=photo.pk, text="Look at me", reply_to=top)
    mutes.mute(muter=alice, muted=eve)
    page = browser_as(alice).get(f"/p/{photo.code}/").content.decode()
    assert page.count('<details class="folded">') == 1
    assert ">2</span>" in page


def test_a_suggestion_is_hidden_from_the_empty_feed(browser_as: As, alice: User, bob: User) -> None:
    browser = browser_as(alice)
    assert "/@bob/hide-suggestion/" in browser.get("/feed/").content.decode()
    page = browser.post("/@bob/hide-suggestion/", follow=True)
    assert "@bob won’t be suggested to you any more." in page.content.decode()
    assert "/@bob/hide-suggestion/" not in page.content.decode()
    assert HiddenSuggestion.objects.get().person == bob


@pytest.mark.parametrize(
    "path", ["/@bob/mute/", "/@bob/unmute/", "/@bob/hide-suggestion/", "/settings/muted/"]
)
def test_visitors_are_sent_to_the_log_in(browser_as: As, bob: User, path: str) -> None:
    response = browser_as(None).post(path)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/login/")


def test_whoever_hides_a_suggestion_stays_at_the_suggestions(
    browser_as: As, alice: User, bob: User
) -> None:
    browser = browser_as(alice)
    page = browser.get("/suggestions/").content.decode()
    assert '<input type="hidden" name="next" value="/suggestions/">' in page
    answer = browser.post("/@bob/hide-suggestion/", {"next": "/suggestions/"})
    assert answer["Location"] == "/suggestions/"
    assert "@bob" not in browser.get("/suggestions/").content.decode().split("<ul", 1)[1]
