"""Suggestions of people: the order, who is left out, that there are some, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import services
from accounts.models import FollowRequest, HiddenSuggestion, Mute, User
from social import follows
from social.suggestions import service, suggested
from tests.factories import make_follow, make_photo, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]


def people(user: User, size: int = 20) -> list[User]:
    return [suggestion.person for suggestion in suggested(user, size)]


@pytest.fixture
def carla(alice: User, bob: User) -> User:
    """Return somebody whom bob follows, whom alice follows."""
    make_follow(alice, bob)
    carla = make_user("carla")
    make_follow(bob, carla)
    return carla


def test_first_come_those_whom_most_of_the_followed_follow(alice: User, bob: User) -> None:
    second, few, many = make_user(), make_user(), make_user()
    for friend in (bob, second):
        make_follow(alice, friend)
        make_follow(friend, many)
    make_follow(bob, few)
    busy = make_user()
    make_photo(busy)
    quiet = make_user()
    found = suggested(alice)
    assert [one.person for one in found] == [many, few, busy, quiet]
    assert {(one.known, one.others) for one in found[:1]} <= {(bob, 1), (second, 1)}
    assert [(one.known, one.others) for one in found[1:]] == [(bob, 0), (None, 0), (None, 0)]


def test_then_come_those_who_have_published_lately(alice: User) -> None:
    authors = [make_user() for _ in range(3)]
    for author in (authors[2], authors[0], authors[2], authors[1]):
        make_photo(author)
    assert people(alice)[:3] == [authors[1], authors[2], authors[0]]


def test_a_new_person_among_people_without_photos_is_shown_the_newest(alice: User) -> None:
    others = [make_user() for _ in range(3)]
    assert people(alice) == others[::-1]


@pytest.mark.parametrize(
    "reason",
    [
        *("followed", "asked", "private", "limited", "suspended", "blocks", "blocked"),
        *("muted", "hidden"),
    ],
)
def test_some_are_left_out_whatever_brings_them(alice: User, carla: User, reason: str) -> None:
    make_photo(carla)
    assert people(alice) == [carla]
    match reason:
        case "followed":
            make_follow(alice, carla)
        case "asked":
            FollowRequest.objects.create(requester=alice, target=carla)
        case "private":
            follows.set_privacy(user=carla, private=True)
        case "limited":
            User.objects.filter(pk=carla.pk).update(is_limited=True)
        case "suspended":
            services.suspend(user=carla)
        case "muted":
            Mute.objects.create(muter=alice, muted=carla)
        case "hidden":
            HiddenSuggestion.objects.create(user=alice, person=carla)
        case "blocks":
            follows.block(blocker=carla, blocked=alice)
        case "blocked":
            follows.block(blocker=alice, blocked=carla)
    assert people(alice) == []


def test_whom_a_suspended_person_follows_is_no_reason(alice: User, bob: User, carla: User) -> None:
    assert suggested(alice)[0].known == bob
    services.suspend(user=bob)
    assert [(one.person, one.known) for one in suggested(alice)] == [(carla, None)]


def test_there_are_some_as_long_as_there_is_somebody(alice: User, bob: User) -> None:
    """The first candidates of each source are all people whom alice follows already."""
    last = make_user()
    for _ in range(5):
        author = make_user()
        make_photo(author)
        make_follow(alice, author)
    make_follow(alice, bob)
    assert people(alice) == [last]
    make_follow(alice, last)
    assert people(alice) == []


def test_no_number_of_follows_changes_what_is_looked_at(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("ASKED", "FOLLOWED_BY_EACH"):
        monkeypatch.setattr(service, limit, 2)
    service._statement.cache_clear()
    try:
        friends = [make_user() for _ in range(3)]
        theirs = [[make_user() for _ in range(3)] for _ in friends]
        for friend, found in zip(friends, theirs, strict=True):
            make_follow(alice, friend)
            for person in found:
                make_follow(friend, person)
        asked = {row[0] for row in service._common(alice)}
        assert asked == {person.pk for found in theirs[1:] for person in found[1:]}
    finally:
        service._statement.cache_clear()


def test_it_costs_the_same_for_many(alice: User, carla: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as sent:
            suggested(alice)
        return len(sent)

    make_photo(make_user())
    make_user()
    before = queries()
    assert before == 11
    for _ in range(12):
        friend = make_user()
        make_follow(alice, friend)
        make_follow(friend, make_user())
    assert queries() == 4


def test_page_feed_explore_and_api_show_them(
    browser_as: As, api_as: As, alice: User, carla: User
) -> None:
    browser = browser_as(alice)
    page = browser.get("/suggestions/").text
    assert "Followed by <bdi>bob</bdi>" in page
    narrow = browser.get("/suggestions/", headers={"HX-Request": "true"}).text
    assert "carla" in narrow
    assert "<html" not in narrow
    assert "?sort=people" in browser.get("/explore/").text
    assert "Followed by <bdi>bob</bdi>" in browser.get("/explore/?sort=people").text
    assert "?sort=people" not in browser_as(None).get("/explore/").text
    assert "carla" not in browser_as(None).get("/explore/?sort=people").text
    assert "carla" in browser.get("/feed/").text
    body = api_as(alice).get("/api/v1/me/suggestions/").json()
    (row,) = body["results"]
    assert (row["username"], row["followed_by"], row["followed_by_count"]) == ("carla", "bob", 1)
    assert not row["you_follow"]
    assert (body["next"], body["previous"]) == (None, None)


def test_after_the_sign_up_a_new_person_is_shown_somebody(client: Any, carla: User) -> None:
    form = {
        "username": "newcomer",
        "email": "newcomer@example.org",
        "password": "quite-a-long-password-7",
    }
    page = client.post("/signup/", form, follow=True)
    assert page.redirect_chain == [("/welcome/", 302)]
    assert "/welcome/people/" in page.text
    assert "carla" in client.get("/welcome/people/").text


def test_visitors_have_no_suggestions(browser_as: As, api_as: As) -> None:
    assert browser_as(None).get("/suggestions/").status_code == 302
    assert api_as(None).get("/api/v1/me/suggestions/").status_code == 401


def test_who_follows_or_has_hidden_all_of_the_newest_is_suggested_older_accounts(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = make_user("older")
    newest = [make_user() for _ in range(4)]
    for person in newest[:2]:
        make_follow(alice, person)
    for person in newest[2:]:
        HiddenSuggestion.objects.create(user=alice, person=person)
    monkeypatch.setattr(service, "NEWEST_PEOPLE", len(newest))
    assert people(alice) == [old]
