"""Whoever is muted is in no list that one has not asked them for, and lists stay full."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Mute, User
from minigram_site.web.pagination import Cursor, Page
from photos.card_pages.by_author import author_page
from photos.cards import PhotoCard
from photos.conversation.tags import tag_page
from photos.hiding import hide_photo, show_photo
from photos.services import like
from social import feed, follows, mutes, people
from social.explore import popular_page, recent_page
from social.feed import service, sql
from social.suggestions import suggested
from tests.factories import make_follow, make_photo, make_user

pytestmark = pytest.mark.django_db
Read = Callable[[User, Cursor | None, int], Page[PhotoCard]]

LISTS: dict[str, Read] = {
    "feed": feed.feed_page,
    "recent": recent_page,
    "popular": popular_page,
    "tag": lambda viewer, cursor, size: tag_page("sea", viewer, cursor, size),
}


def walk(read: Read, viewer: User, size: int) -> list[list[int]]:
    """Return the ids of all pages of a list."""
    pages, cursor, more = [], None, True
    while more:
        page = read(viewer, cursor, size)
        pages.append([card.id for card in page.items])
        cursor, more = page.next, page.next is not None
    return pages


def flat(name: str, viewer: User) -> list[int]:
    """Return the ids of all that somebody is shown in a list."""
    return [pk for page in walk(LISTS[name], viewer, 4) for pk in page]


@pytest.fixture
def eve(alice: User, bob: User) -> User:
    """Return whom alice follows, as she follows bob; both publish in turn."""
    eve = make_user("eve")
    for author in (bob, eve):
        make_follow(alice, author)
    for number in range(9):
        make_photo((bob, eve, eve)[number % 3], "At the #sea")
    return eve


@pytest.mark.parametrize("name", LISTS)
def test_the_muted_leave_a_list_whose_pages_stay_full(
    alice: User, bob: User, eve: User, name: str
) -> None:
    mutes.mute(muter=alice, muted=eve)
    own = sorted(bob.photos.values_list("pk", flat=True), reverse=True)
    assert walk(LISTS[name], alice, 2) == [own[:2], own[2:]]
    mutes.unmute(muter=alice, muted=eve)
    assert len(flat(name, alice)) == 9


@pytest.mark.parametrize("name", LISTS)
def test_they_are_back_when_the_mute_has_ended(alice: User, eve: User, name: str) -> None:
    mutes.mute(muter=alice, muted=eve, ends_at=timezone.now() + timedelta(days=7))
    assert len(flat(name, alice)) == 3
    Mute.objects.update(ends_at=timezone.now() - timedelta(days=1))
    assert len(flat(name, alice)) == 9


@pytest.mark.parametrize("name", LISTS)
def test_others_are_shown_them_as_before(alice: User, bob: User, eve: User, name: str) -> None:
    make_follow(bob, eve)
    mutes.mute(muter=alice, muted=eve)
    assert len(flat(name, bob)) == 9
    assert len(flat(name, eve)) == (6 if name == "feed" else 9)


@pytest.mark.parametrize("name", LISTS)
def test_the_cost_is_the_same_for_those_who_mute_and_those_who_do_not(
    alice: User, eve: User, name: str
) -> None:
    # What is ranked once a minute is ranked before.
    LISTS[name](alice, None, 2)
    with CaptureQueriesContext(connection) as before:
        LISTS[name](alice, None, 2)
    for _ in range(30):
        mutes.mute(muter=alice, muted=make_user())
    mutes.mute(muter=alice, muted=eve)
    with CaptureQueriesContext(connection) as after:
        LISTS[name](alice, None, 2)
    assert len(after) == len(before)


def test_the_profile_of_the_muted_is_there_with_its_photos(alice: User, eve: User) -> None:
    mutes.mute(muter=alice, muted=eve)
    shown: Any = people.profile(alice, "eve")
    assert shown.you_mute
    assert shown.you_follow
    assert len(author_page(eve, alice, None).items) == 6


def test_the_muted_notice_nothing(alice: User, eve: User) -> None:
    seen: Any = people.profile(eve, "alice")
    before = {name: value for name, value in vars(seen).items() if name not in {"_state", "stats"}}
    mutes.mute(muter=alice, muted=eve)
    seen = people.profile(eve, "alice")
    after = {name: value for name, value in vars(seen).items() if name not in {"_state", "stats"}}
    assert after == before
    assert not seen.you_mute


def test_the_muted_and_the_hidden_are_not_suggested(alice: User) -> None:
    dave, erin, frank = make_user("dave"), make_user("erin"), make_user("frank")
    mutes.mute(muter=alice, muted=dave)
    mutes.hide_suggestion(user=alice, person=erin)
    assert [found.person for found in suggested(alice)] == [frank]
    mutes.show_suggestion(user=alice, person=erin)
    mutes.unmute(muter=alice, muted=dave)
    assert {found.person for found in suggested(alice)} == {dave, erin, frank}


def test_a_famous_author_can_be_muted_too(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_follow(alice, bob)
    monkeypatch.setattr(service, "FAMOUS_FROM", 1)
    photo = make_photo(bob)
    assert [card.id for card in feed.feed_page(alice, None).items] == [photo.pk]
    mutes.mute(muter=alice, muted=bob)
    assert feed.feed_page(alice, None).items == []
    assert feed.pulled_ids(alice, None, 20) == []


def test_the_feed_leaves_out_whom_the_model_says(alice: User, bob: User, carol: User) -> None:
    ended = make_user()
    tomorrow = timezone.now() + timedelta(days=1)
    mutes.mute(muter=alice, muted=bob)
    mutes.mute(muter=alice, muted=carol, ends_at=tomorrow)
    mutes.mute(muter=alice, muted=ended, ends_at=tomorrow)
    Mute.objects.filter(muted=ended).update(ends_at=timezone.now() - timedelta(days=1))
    mutes.mute(muter=bob, muted=alice)
    with connection.cursor() as cursor:
        cursor.execute(sql.MUTED, {"me": alice.pk})
        found = {row[0] for row in cursor.fetchall()}
    assert found == set(Mute.objects.active_ids(alice.pk).values_list("muted", flat=True))
    assert found == {bob.pk, carol.pk}


def test_walking_on_misses_and_repeats_nothing_when_somebody_is_muted_on_the_way(
    alice: User, bob: User, eve: User
) -> None:
    first = feed.feed_page(alice, None, 3)
    mutes.mute(muter=alice, muted=eve)
    rest, cursor = [], first.next
    while cursor:
        page = feed.feed_page(alice, cursor, 3)
        rest += [card.id for card in page.items]
        cursor = page.next
    seen = [card.id for card in first.items if card.author.id == bob.pk] + rest
    assert seen == sorted(bob.photos.values_list("pk", flat=True), reverse=True)


@pytest.mark.parametrize("name", LISTS)
def test_a_photo_that_moderators_hide_leaves_no_gap(alice: User, eve: User, name: str) -> None:
    before = flat(name, alice)
    photo = eve.photos.order_by("pk").last()
    assert photo is not None
    hide_photo(photo=photo)
    without = [pk for pk in before if pk != photo.pk]
    assert walk(LISTS[name], alice, 4) == [without[:4], without[4:]]
    show_photo(photo=photo)
    assert flat(name, alice) == before


def test_a_hidden_photo_is_not_put_into_the_feed_of_a_new_follower(bob: User, eve: User) -> None:
    photo = eve.photos.order_by("pk").last()
    assert photo is not None
    hide_photo(photo=photo)
    follows.follow(follower=bob, followee=eve)
    assert photo.pk not in [card.id for card in feed.feed_page(bob, None).items]
    show_photo(photo=photo)
    assert photo.pk in [card.id for card in feed.feed_page(bob, None).items]


def test_muting_takes_no_like_away(alice: User, eve: User) -> None:
    photo = eve.photos.order_by("pk").last()
    assert photo is not None
    like(user=alice, photo_id=photo.pk)
    mutes.mute(muter=alice, muted=eve)
    shown = author_page(eve, alice, None).items[0]
    assert (shown.id, shown.liked, shown.like_count) == (photo.pk, True, 1)
