"""The popular photos stay as they stood while somebody reads them, whatever is liked meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from minigram_site.web.pagination import Cursor
from photos.models import Like, Photo
from photos.services import like, unlike
from social import follows
from social.explore import popular_page
from tests.factories import make_photo, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]
# Who likes which photo, between two pages.
likes = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 8)), max_size=4)


def ids(page: Any) -> list[int]:
    return [card.id for card in page.items]


def test_a_photo_that_is_liked_while_somebody_reads_is_on_the_page_where_it_was(
    alice: User, bob: User
) -> None:
    photos = [make_photo(alice).pk for _ in range(6)][::-1]
    first = popular_page(bob, None, 2)
    for rising in photos[2:]:
        for person in (alice, bob):
            like(user=person, photo_id=rising)
    second = popular_page(bob, first.next, 2)
    third = popular_page(bob, second.next, 2)
    assert [ids(page) for page in (first, second, third)] == [photos[:2], photos[2:4], photos[4:]]
    assert ids(popular_page(bob, third.previous, 2)) == photos[2:4]
    assert sorted(ids(popular_page(bob, None, 4))) == sorted(photos[2:])


@pytest.mark.slow
@given(st.lists(likes, min_size=4, max_size=4), st.lists(likes, min_size=1, max_size=1))
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_liked_meanwhile_every_photo_is_shown_once(
    db: None, between: list[list[tuple[int, int]]], before: list[list[tuple[int, int]]]
) -> None:
    User.objects.all().delete()
    people = [make_user() for _ in range(4)]
    photos = [make_photo(people[0]).pk for _ in range(9)]
    seen: list[int] = []
    cursor: Cursor | None = None
    for liked in [*before, *between]:
        for who, which in liked:
            like(user=people[who], photo_id=photos[which])
        if liked is not before[0]:
            page = popular_page(people[1], cursor, 3)
            seen += ids(page)
            cursor = page.next
            if cursor is None:
                break
    assert sorted(seen) == sorted(photos)


def test_a_like_that_came_and_went_meanwhile_changes_nothing(alice: User, bob: User) -> None:
    photos = [make_photo(alice).pk for _ in range(4)][::-1]
    first = popular_page(bob, None, 2)
    for verb in (like, unlike):
        for person in (alice, bob):
            verb(user=person, photo_id=photos[3])
    assert ids(popular_page(bob, first.next, 2)) == photos[2:]


def test_what_is_liked_meanwhile_and_not_public_stays_hidden(alice: User, bob: User) -> None:
    carol = make_user()
    hidden, shown = make_photo(carol), make_photo(alice)
    newest = make_photo(alice)
    first = popular_page(bob, None, 1)
    assert ids(first) == [newest.pk]
    like(user=bob, photo_id=hidden.pk)
    follows.set_privacy(user=carol, private=True)
    assert ids(popular_page(bob, first.next, 2)) == [shown.pk]


def test_a_later_page_costs_two_queries_and_reads_a_bounded_number_of_likes(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("social.explore.popular.MOST_LIKES", 3)
    photos = [make_photo(alice).pk for _ in range(8)]
    first = popular_page(bob, None, 2)
    for photo in photos[:4]:
        like(user=bob, photo_id=photo)
    with CaptureQueriesContext(connection) as queries:
        page = popular_page(bob, first.next, 10)
    assert len(queries) == 2
    assert set(ids(page)) >= set(photos[1:4])


def test_visitors_read_the_later_pages_as_well(browser_as: As, alice: User) -> None:
    photos = [make_photo(alice).pk for _ in range(30)]
    client = browser_as(None)
    page = client.get("/explore/?sort=popular").context["page"]
    Like.objects.create(user=alice, photo_id=photos[0])
    later = client.get(f"/explore/?sort=popular&cursor={page.next}").context["page"]
    assert sorted(ids(page) + ids(later)) == sorted(Photo.objects.values_list("pk", flat=True))
