"""The home feed: fan-out on write gives exactly what the definition pulls."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import services
from accounts.models import User
from minigram_site.web.pagination import Cursor
from photos import hiding
from photos.services import delete_photo
from social import feed, follows, mutes
from social.feed import service
from social.models import FamousAuthor, Feed, FeedEntry
from social.upkeep import delete_orphaned_entries
from tests.factories import blocked_between, make_follow, make_photo, make_user

pytestmark = pytest.mark.django_db


def ids(owner: User, cursor: Cursor | None = None, size: int = 20) -> list[int]:
    """Return the ids on one page of the feed."""
    return [card.id for card in feed.feed_page(owner, cursor, size).items]


def walk(owner: User, size: int) -> list[int]:
    """Return the ids of the whole feed, page by page."""
    found, cursor, more = [], None, True
    while more:
        page = feed.feed_page(owner, cursor, size)
        found += [card.id for card in page.items]
        cursor, more = page.next, page.next is not None
    return found


def test_a_new_photo_is_in_the_feed_of_followers_and_of_its_author(alice: User, bob: User) -> None:
    make_follow(alice, bob)
    photo = make_photo(bob)
    assert ids(alice) == [photo.pk]
    assert ids(bob) == [photo.pk]


def test_a_stranger_does_not_see_it(alice: User, bob: User) -> None:
    make_photo(bob)
    assert ids(alice) == []


def test_following_brings_the_photos_of_before(alice: User, bob: User) -> None:
    photos = [make_photo(bob) for _ in range(3)]
    make_follow(alice, bob)
    assert ids(alice) == [photo.pk for photo in reversed(photos)]


def test_unfollowing_takes_them_away(alice: User, bob: User) -> None:
    make_follow(alice, bob)
    make_photo(bob)
    follows.unfollow(follower=alice, followee=bob)
    assert ids(alice) == []
    assert not FeedEntry.objects.filter(owner=alice, author=bob).exists()


def test_an_entry_left_over_shows_nothing(alice: User, bob: User) -> None:
    photo = make_photo(bob)
    Feed.objects.create(owner=alice)
    FeedEntry.objects.create(owner=alice, photo=photo, author=bob)
    assert ids(alice) == []


def test_a_deleted_photo_leaves_every_feed(alice: User, bob: User) -> None:
    make_follow(alice, bob)
    delete_photo(photo=make_photo(bob))
    assert ids(alice) == []


def test_photos_of_a_suspended_person_are_hidden_until_they_are_restored(
    alice: User, bob: User
) -> None:
    make_follow(alice, bob)
    photo = make_photo(bob)
    services.suspend(user=bob)
    assert ids(alice) == []
    services.restore(user=bob)
    assert ids(alice) == [photo.pk]


def test_a_private_person_is_in_the_feed_of_those_they_accepted(alice: User, carol: User) -> None:
    make_follow(alice, carol)
    photo = make_photo(carol)
    assert ids(alice) == [photo.pk]


def test_a_feed_whose_entries_are_missing_is_pulled(alice: User, bob: User) -> None:
    make_follow(alice, bob)
    photo = make_photo(bob)
    FeedEntry.objects.all().delete()
    Feed.objects.all().delete()
    assert ids(alice) == [photo.pk]


def test_pages_go_on_below_what_is_stored(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "KEPT_ENTRIES", 4)
    make_follow(alice, bob)
    photos = [make_photo(bob).pk for _ in range(10)]
    feed.trim(alice)
    assert FeedEntry.objects.filter(owner=alice).count() == 4
    assert walk(alice, 3) == photos[::-1]


def test_following_someone_with_a_long_history_promises_only_what_is_stored(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "KEPT_ENTRIES", 4)
    make_photo(alice)
    make_follow(alice, make_user("dave"))
    photos = [make_photo(bob).pk for _ in range(9)]
    make_follow(alice, bob)
    assert walk(alice, 3)[:9] == photos[::-1]
    assert Feed.objects.get(owner=alice).complete_from == photos[-4]


def test_the_famous_are_merged_when_the_feed_is_read(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_follow(alice, bob)
    before = make_photo(bob)
    monkeypatch.setattr(service, "FAMOUS_FROM", 1)
    after = make_photo(bob)
    own = make_photo(alice)
    assert FamousAuthor.objects.filter(user=bob).exists()
    assert not FeedEntry.objects.filter(photo=after).exists()
    assert ids(alice) == [own.pk, after.pk, before.pk]
    assert ids(bob) == [after.pk, before.pk]


def test_pages_lead_back_to_where_they_came_from(alice: User) -> None:
    photos = [make_photo(alice).pk for _ in range(7)][::-1]
    first = feed.feed_page(alice, None, 3)
    second = feed.feed_page(alice, first.next, 3)
    assert [card.id for card in second.items] == photos[3:6]
    assert first.previous is None
    back = feed.feed_page(alice, second.previous, 3)
    assert [card.id for card in back.items] == photos[:3]
    assert back.previous is None


@pytest.mark.parametrize("people", [2, 12])
def test_a_page_costs_two_queries_however_many_are_followed(alice: User, people: int) -> None:
    for _ in range(people):
        friend = make_user()
        make_follow(alice, friend)
        make_photo(friend)
        make_photo(friend)
    with CaptureQueriesContext(connection) as queries:
        assert len(ids(alice)) == min(20, 2 * people)
    assert len(queries) == 2


PEOPLE = 5
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "publish",
                "publish",
                "follow",
                "follow",
                "unfollow",
                "block",
                "unblock",
                "delete",
                "suspend",
                "restore",
                "private",
                "public",
                "accept",
                "trim",
                "mute",
                "unmute",
                "archive",
                "bring back",
                "hide",
                "show",
            ]
        ),
        st.integers(0, PEOPLE - 1),
        st.integers(0, PEOPLE - 1),
    ),
    max_size=40,
)


MOVES = {
    "archive": hiding.archive_photo,
    "bring back": hiding.bring_back_photo,
    "hide": hiding.hide_photo,
    "show": hiding.show_photo,
}


def act(deed: str, one: User, other: User) -> None:
    """Do one thing that changes feeds; what is refused changes nothing."""
    one.refresh_from_db()
    match deed:
        case "publish":
            make_photo(one)
        case "follow" | "block" if one == other:
            pass
        case "follow":
            if not blocked_between(one, other):
                follows.follow(follower=one, followee=other)
        case "unfollow":
            follows.unfollow(follower=one, followee=other)
        case "block":
            follows.block(blocker=one, blocked=other)
        case "unblock":
            follows.unblock(blocker=one, blocked=other)
        case "delete":
            if photo := one.photos.order_by("?").first():
                delete_photo(photo=photo)
        case "suspend":
            services.suspend(user=one)
        case "restore":
            services.restore(user=one)
        case "private" | "public":
            follows.set_privacy(user=one, private=deed == "private")
        case "accept":
            follows.accept(owner=one, requester=other)
        case "trim":
            feed.trim(one)
        case "mute" if one != other:
            mutes.mute(muter=one, muted=other)
        case "unmute":
            mutes.unmute(muter=one, muted=other)
        case "archive" | "bring back" | "hide" | "show":
            if photo := one.photos.order_by("?").first():
                MOVES[deed](photo=photo)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(deeds=DEEDS, famous_from=st.sampled_from([2, 100]), kept=st.sampled_from([3, 1000]))
def test_whatever_people_do_both_ways_give_the_same_pages(
    db: Any, deeds: list[tuple[str, int, int]], famous_from: int, kept: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "FAMOUS_FROM", famous_from)
        patch.setattr(service, "KEPT_ENTRIES", kept)
        people = [make_user() for _ in range(PEOPLE)]
        for deed, one, other in deeds:
            act(deed, people[one], people[other])
        for person in User.objects.filter(pk__in=[p.pk for p in people], is_active=True):
            assert walk(person, 4) == feed.pulled_ids(person, None, 1000)


def test_entries_cost_no_check_of_foreign_keys() -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, FeedEntry._meta.db_table)
    assert [name for name, one in found.items() if one["foreign_key"]] == []


def test_an_entry_of_a_photo_that_is_gone_shows_nothing_and_is_deleted_by_the_upkeep(
    alice: User,
) -> None:
    photo = make_photo(alice)
    for owner, gone in ((alice.pk, 1), (2, photo.pk)):
        FeedEntry.objects.create(owner_id=owner, photo_id=gone, author=alice)
    assert ids(alice) == [photo.pk]
    assert delete_orphaned_entries() == 2
    assert ids(alice) == [photo.pk]
