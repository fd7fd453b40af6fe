"""The popular photos stay as they stood while somebody reads them, whatever is liked meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from minigram_site.fields.snowflake import id_at, moment_of
from minigram_site.web.pagination import Cursor
from photos.services import delete_photo, like, unlike
from social import follows
from social.explore import popular_page, recent_page, snapshots
from social.models import ExplorePlace, ExploreSnapshot
from tests.factories import make_photo, make_user
from tests.social.explore.rankings import ids, made_earlier, rank_anew

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]
# Who likes which photo, or takes that back, between two pages.
deeds = st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(0, 8)), max_size=4)


def test_photos_that_people_like_come_first_and_not_the_newest(alice: User, bob: User) -> None:
    photos = [make_photo(alice).pk for _ in range(6)]
    like(user=bob, photo_id=photos[1])
    assert ids(popular_page(bob, None)) == [photos[1], *photos[:1:-1], photos[0]]
    assert ids(recent_page(bob, None)) == photos[::-1]


def test_whatever_is_liked_and_taken_back_a_reader_stays_in_the_ranking(
    alice: User, bob: User
) -> None:
    photos = [make_photo(alice).pk for _ in range(6)][::-1]
    like(user=bob, photo_id=photos[0])
    first = popular_page(bob, None, 2)
    for rising in photos[2:]:
        like(user=bob, photo_id=rising)
    unlike(user=bob, photo_id=photos[0])
    rank_anew()
    second = popular_page(bob, first.next, 2)
    third = popular_page(bob, second.next, 2)
    assert [ids(page) for page in (first, second, third)] == [photos[:2], photos[2:4], photos[4:]]
    assert third.next is None
    assert ids(popular_page(bob, third.previous, 2)) == photos[2:4]
    assert ids(popular_page(bob, second.previous, 2)) == photos[:2]
    assert sorted(ids(popular_page(bob, None, 4))) == sorted(photos[2:])


@pytest.mark.slow
@given(st.lists(deeds, min_size=4, max_size=4))
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_people_do_meanwhile_every_photo_is_shown_once(
    db: None, between: list[list[tuple[bool, int, int]]]
) -> None:
    User.objects.all().delete()
    people = [make_user() for _ in range(4)]
    photos = [make_photo(people[0]).pk for _ in range(9)]
    seen: list[int] = []
    cursor: Cursor | None = None
    for done in between:
        for likes, who, which in done:
            verb = like if likes else unlike
            verb(user=people[who], photo_id=photos[which])
        rank_anew()
        page = popular_page(people[1], cursor, 3)
        seen += ids(page)
        cursor = page.next
        if cursor is None:
            break
    assert sorted(seen) == sorted(photos)


def test_a_photo_that_is_no_longer_public_is_not_shown_and_nothing_is_missed(
    alice: User, bob: User
) -> None:
    carol = make_user()
    photos = [make_photo(author).pk for author in (carol, alice, carol, alice, alice)][::-1]
    first = popular_page(bob, None, 1)
    follows.set_privacy(user=carol, private=True)
    assert ids(popular_page(bob, first.next, 3)) == [photos[1], photos[3]]
    follows.set_privacy(user=carol, private=False)
    delete_photo(photo=carol.photos.get(pk=photos[2]))
    assert ids(popular_page(bob, first.next, 3)) == [photos[1], photos[3], photos[4]]
    follows.block(blocker=alice, blocked=bob)
    assert ids(popular_page(bob, first.next, 3)) == [photos[4]]


def test_a_ranking_is_computed_once_a_period_by_whoever_comes_first(alice: User, bob: User) -> None:
    photos = [make_photo(alice).pk for _ in range(2)]
    popular_page(bob, None)
    like(user=bob, photo_id=photos[0])
    assert ids(popular_page(bob, None)) == photos[::-1]
    assert not snapshots.renew()
    assert ExploreSnapshot.objects.count() == 1
    made_earlier()
    assert ids(popular_page(bob, None)) == photos


def test_who_reads_on_after_hours_goes_on_in_the_oldest_ranking_there_is(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = [make_photo(alice).pk for _ in range(4)][::-1]
    first = popular_page(bob, None, 2)
    assert first.next is not None
    long_ago = id_at(moment_of(first.next.since) - 2 * snapshots.KEPT)
    ExplorePlace.objects.update(snapshot_id=long_ago)
    ExploreSnapshot.objects.update(id=long_ago)
    rank_anew()
    assert ExploreSnapshot.objects.count() == 1
    assert ExplorePlace.objects.count() == len(photos)
    assert ids(popular_page(bob, first.next, 2)) == photos[2:]


def test_a_replica_that_has_not_got_the_ranking_yet_goes_on_in_the_one_before(
    alice: User, bob: User
) -> None:
    photos = [make_photo(alice).pk for _ in range(4)][::-1]
    popular_page(bob, None, 2)
    held = ExploreSnapshot.objects.get().pk
    cursor = Cursor((3, photos[1]), since=held + 1)
    assert ids(popular_page(bob, cursor, 2)) == photos[2:]


def test_a_database_that_cannot_store_a_ranking_costs_nobody_the_page(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    photo = make_photo(alice)
    popular_page(bob, None)
    made_earlier()
    tried = []

    def refuse(*_: Any, **__: Any) -> bool:
        tried.append(1)
        raise DatabaseError("read only")

    monkeypatch.setattr(snapshots, "insert_or_ignore", refuse)
    monkeypatch.setattr(snapshots._Process, "paused_until", 0.0)
    for _ in range(3):
        assert ids(popular_page(bob, None)) == [photo.pk]
    assert len(tried) == 1
    assert "could not be ranked anew" in caplog.text


def test_while_the_primary_is_down_the_last_ranking_is_served(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = make_photo(alice)
    popular_page(bob, None)
    made_earlier()
    monkeypatch.setattr(snapshots, "primary_alias", lambda: "replica_1")
    assert ids(popular_page(bob, None)) == [photo.pk]
    assert ExploreSnapshot.objects.count() == 1


def test_a_page_costs_as_much_however_deep_it_is(alice: User, bob: User) -> None:
    for _ in range(8):
        make_photo(alice)
    page = popular_page(bob, None, 2)
    while page.next is not None:
        with CaptureQueriesContext(connection) as queries:
            page = popular_page(bob, page.next, 2)
        assert len(queries) == 2


def test_a_site_without_photos_has_an_empty_page(bob: User) -> None:
    for _ in range(2):
        page = popular_page(bob, None)
        assert (page.items, page.next, page.previous) == ([], None, None)


def test_visitors_read_the_later_pages_as_well(browser_as: As, alice: User) -> None:
    photos = [make_photo(alice).pk for _ in range(30)]
    client = browser_as(None)
    page = client.get("/explore/?sort=popular").context["page"]
    like(user=alice, photo_id=photos[0])
    later = client.get(f"/explore/?sort=popular&cursor={page.next}").context["page"]
    assert sorted(ids(page) + ids(later)) == sorted(photos)


@pytest.mark.parametrize("cursor", ["n1", "n1_2_3", "x", "n9999999999999999999_1t1"])
def test_a_cursor_of_another_list_is_refused_with_a_sentence(
    browser_as: As, api_as: As, bob: User, cursor: str
) -> None:
    page = browser_as(None).get(f"/explore/?sort=popular&cursor={cursor}")
    assert page.status_code == 400
    answer = api_as(bob).get(f"/api/v1/explore/?sort=popular&cursor={cursor}")
    assert answer.status_code == 400
    assert "Start again from the first page" in answer.content.decode()
