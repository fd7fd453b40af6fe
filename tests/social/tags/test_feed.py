"""What followed tags bring into the home feed, and what that costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import services
from accounts.models import Mute, User
from minigram_site.web.pagination import Cursor
from photos.models import Photo
from photos.services import delete_photo, edit_photo
from social import feed, follows, tags
from social.feed import service, tagged
from tests.factories import make_follow, make_photo, make_user
from tests.social.lean import FEED, Site, bearer, sent

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]


def page(owner: User, cursor: Cursor | None = None, size: int = 20) -> list[tuple[int, str]]:
    """Return the photos of one page, each with the tag that brought it."""
    found = feed.feed_page(owner, cursor, size)
    return [(card.id, found.tags.get(card.id, "")) for card in found.items]


def test_photos_of_a_tag_come_and_go_with_it(alice: User, bob: User) -> None:
    photo = make_photo(bob, "At the #Sea")
    make_photo(bob, "In the #hills")
    assert page(alice) == []
    tags.follow_tag(user=alice, key="sea")
    assert page(alice) == [(photo.pk, "sea")]
    newer = make_photo(make_user(), "#sea #sun")
    assert page(alice) == [(newer.pk, "sea"), (photo.pk, "sea")]
    tags.unfollow_tag(user=alice, key="sea")
    assert page(alice) == []


def test_a_caption_that_gets_and_loses_the_tag(alice: User, bob: User) -> None:
    photo = make_photo(bob, "At the sea")
    tags.follow_tag(user=alice, key="sea")
    edit_photo(photo=photo, caption="At the #sea")
    assert page(alice) == [(photo.pk, "sea")]
    edit_photo(photo=photo, caption="At the lake")
    assert page(alice) == []


def test_photos_of_people_whom_one_follows_are_theirs_and_shown_once(
    alice: User, bob: User
) -> None:
    make_follow(alice, bob)
    theirs, own = make_photo(bob, "#sea #sun"), make_photo(alice, "#sea")
    strange = make_photo(make_user(), "#sun #sea")
    for key in ("sun", "sea"):
        tags.follow_tag(user=alice, key=key)
    found = page(alice)
    assert [photo for photo, _ in found] == [strange.pk, own.pk, theirs.pk]
    assert [bool(tag) for _, tag in found] == [True, False, False]
    follows.unfollow(follower=alice, followee=bob)
    assert page(alice)[2][1] in {"sea", "sun"}


@pytest.mark.parametrize(
    "kept_from",
    ["private", "suspended", "limited", "hidden", "blocks", "blocked", "muted", "deleted"],
)
def test_only_what_strangers_are_shown_comes_by_a_tag(
    alice: User, bob: User, kept_from: str
) -> None:
    photo = make_photo(bob, "#sea")
    tags.follow_tag(user=alice, key="sea")
    assert page(alice) == [(photo.pk, "sea")]
    match kept_from:
        case "private":
            follows.set_privacy(user=bob, private=True)
        case "suspended":
            services.suspend(user=bob)
        case "limited":
            User.objects.filter(pk=bob.pk).update(is_limited=True)
        case "hidden":
            Photo.objects.filter(pk=photo.pk).update(hidden=True)
        case "muted":
            Mute.objects.create(muter=alice, muted=bob)
        case "blocks":
            follows.block(blocker=bob, blocked=alice)
        case "blocked":
            follows.block(blocker=alice, blocked=bob)
        case "deleted":
            delete_photo(photo=photo)
    assert page(alice) == []


@pytest.mark.slow
@given(st.lists(st.sampled_from(["friend", "stranger", "both", "none"]), max_size=14))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_pages_lead_through_both_kinds_and_back(db: None, kinds: list[str]) -> None:
    User.objects.all().delete()
    reader, friend, stranger = make_user(), make_user(), make_user()
    make_follow(reader, friend)
    for key in ("sea", "hills"):
        tags.follow_tag(user=reader, key=key)
    expected = []
    for number, kind in enumerate(kinds):
        author = friend if kind in {"friend", "both"} else stranger
        caption = (
            "" if kind in {"friend", "none"} else ["#sea", "#hills", "#sea #hills"][number % 3]
        )
        photo = make_photo(author, caption)
        expected += [photo.pk] if kind != "none" else []
    expected.reverse()
    seen, cursor, pages = [], None, []
    while True:
        found = feed.feed_page(reader, cursor, 3)
        pages.append([card.id for card in found.items])
        seen += pages[-1]
        if found.next is None:
            break
        cursor = found.next
    assert seen == expected
    if found.previous is not None:
        before = feed.feed_page(reader, found.previous, 3)
        assert [card.id for card in before.items] == pages[-2]


def test_they_are_merged_below_the_stored_part_too(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "KEPT_ENTRIES", 3)
    make_follow(alice, bob)
    photos = []
    for _ in range(5):
        photos += [make_photo(bob).pk, make_photo(make_user(), "#sea").pk]
    tags.follow_tag(user=alice, key="sea")
    feed.rebuild(alice)
    found, cursor = [], None
    for _ in range(5):
        one = feed.feed_page(alice, cursor, 2)
        found += [card.id for card in one.items]
        cursor = one.next
    assert found == photos[::-1]


def test_a_tag_of_private_photos_costs_no_more_than_its_window(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tagged, "WINDOW", 3)
    tagged.statement.cache_clear()
    try:
        tags.follow_tag(user=alice, key="sea")
        shown = make_photo(bob, "#sea")
        private = make_user(private=True)
        for _ in range(2):
            make_photo(private, "#sea")
        assert service._ids(alice, None, 21, {}) == [shown.pk]
        make_photo(private, "#sea")
        assert service._ids(alice, None, 21, {}) == []
    finally:
        tagged.statement.cache_clear()


def statements(user: User) -> int:
    """Return how many statements a page of the feed takes over the API."""
    site, header = Site(), bearer(user)
    site.answer(FEED, HTTP_AUTHORIZATION=header)
    with sent() as found:
        assert site.ask(FEED, HTTP_AUTHORIZATION=header).status == "200 OK"
    assert site.asked == 0
    return len(found)


def test_who_follows_no_tag_pays_nothing_and_who_does_one_statement(alice: User, bob: User) -> None:
    make_follow(alice, bob)
    make_photo(bob, "#sea")
    plain = statements(alice)
    assert plain == (1 if connection.vendor == "postgresql" else 3)
    tags.follow_tag(user=alice, key="sea")
    assert statements(alice) == plain + 1
    for number in range(20):
        tags.follow_tag(user=alice, key=f"tag{number}")
        make_photo(make_user(), f"#tag{number} #sea")
    assert statements(alice) == plain + 1
    for number in range(20):
        tags.unfollow_tag(user=alice, key=f"tag{number}")
    tags.unfollow_tag(user=alice, key="sea")
    assert statements(alice) == plain


def test_page_and_api_say_which_tag_brought_a_photo(
    browser_as: As, api_as: As, alice: User, bob: User
) -> None:
    make_follow(alice, bob)
    theirs, strange = make_photo(bob, "#été"), make_photo(make_user(), "#Été")
    tags.follow_tag(user=alice, key="été")
    text = browser_as(alice).get("/feed/").text
    assert text.count('You follow <a href="/tags/%C3%A9t%C3%A9/" dir="auto">#été</a>') == 1
    photos = api_as(alice).get(FEED).json()["results"]
    assert [photo.get("followed_tag") for photo in photos] == ["été", None]
    assert [int(photo["id"]) for photo in photos] == [strange.pk, theirs.pk]
    site, header = Site(), bearer(alice)
    lean = site.answer(FEED, HTTP_AUTHORIZATION=header)
    assert site.asked == 0
    assert lean == site.ordinary(FEED, HTTP_AUTHORIZATION=header)
