"""The first steps: a name and a portrait, people to follow with photos; none is a dead end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Follow, User
from social import follows, mutes, onboarding
from tests.factories import make_follow, make_photo, make_user, upload

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
PROFILE, PEOPLE = "/welcome/", "/welcome/people/"


def names(user: User) -> list[str]:
    """Return whom ``user`` is shown."""
    return [one.person.username for one in onboarding.shown_to(user)]


def test_the_first_step_takes_a_name_and_a_portrait(browser_as: As, alice: User) -> None:
    words = {"display_name": "Alice L.", "avatar": upload()}
    assert browser_as(alice).post(PROFILE, words)["Location"] == PEOPLE
    alice.refresh_from_db()
    assert alice.display_name == "Alice L."
    assert alice.avatar


def test_the_first_step_can_be_left_out(browser_as: As, alice: User) -> None:
    page = browser_as(alice).get(PROFILE)
    assert f'href="{PEOPLE}"' in page.text
    assert browser_as(alice).post(PROFILE, {"display_name": ""})["Location"] == PEOPLE


def test_a_portrait_that_is_no_picture_is_refused_in_a_sentence_and_the_name_stays(
    browser_as: As, alice: User
) -> None:
    broken = upload(b"no picture", "face.jpg")
    page = browser_as(alice).post(PROFILE, {"display_name": "Alice L.", "avatar": broken})
    assert page.status_code == 422
    assert 'value="Alice L."' in page.text
    assert len(page.context["form"].errors["avatar"]) == 1


def test_people_are_shown_with_three_photos_the_newest_first(browser_as: As, alice: User) -> None:
    bob = make_user("bob")
    photos = [make_photo(bob, f"No. {number}") for number in range(5)]
    (shown,) = onboarding.shown_to(alice)
    assert [card.id for card in shown.cards] == [photo.pk for photo in photos[:1:-1]]
    page = browser_as(alice).get(PEOPLE)
    assert page.text.count("introduced-photo") >= 3
    assert 'action="/@bob/follow/"' in page.text


def test_who_has_photos_comes_before_who_has_none(alice: User) -> None:
    make_photo(make_user("bob"))
    make_user("carl")
    assert names(alice) == ["bob", "carl"]


def test_at_most_twelve_are_shown_and_nobody_who_may_not_be(alice: User) -> None:
    for number in range(14):
        make_photo(make_user(f"person{number}"))
    for name in ("private", "blocks", "muted", "followed"):
        make_photo(make_user(name, private=name == "private"))
    follows.block(blocker=User.objects.get(username="blocks"), blocked=alice)
    mutes.mute(muter=alice, muted=User.objects.get(username="muted"))
    make_follow(alice, User.objects.get(username="followed"))
    shown = names(alice)
    assert len(shown) == onboarding.PEOPLE
    assert not {"private", "blocks", "muted", "followed", "alice"} & set(shown)


def test_it_is_never_empty_while_there_are_people(alice: User) -> None:
    make_user("bob")
    assert names(alice) == ["bob"]


def test_with_nobody_else_there_is_a_way_on(browser_as: As, alice: User) -> None:
    page = browser_as(alice).get(PEOPLE)
    assert 'href="/upload/"' in page.text
    assert 'href="/feed/"' in page.text


def test_following_without_a_script_comes_back_to_the_step(browser_as: As, alice: User) -> None:
    make_user("bob")
    answer = browser_as(alice).post("/@bob/follow/", {"next": PEOPLE})
    assert answer["Location"] == PEOPLE
    assert Follow.objects.filter(follower=alice).count() == 1


def test_what_it_costs_does_not_grow_with_people_and_photos(alice: User) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            onboarding.shown_to(alice)
        return len(queries)

    make_photo(make_user("bob"))
    onboarding.shown_to(alice)
    few = counted()
    for number in range(15):
        person = make_user(f"person{number}")
        for _ in range(4):
            make_photo(person)
    assert counted() <= few <= 12
