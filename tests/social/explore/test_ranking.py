"""The formula of the popular photos: who counts, how interest fades, busy authors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from accounts.models import User
from accounts.services import suspend
from minigram_site.fields.snowflake import PROCESS_BITS, SEQUENCE_BITS, id_at
from photos.models import Comment, Like
from photos.services import comment, like
from social import follows
from social.explore import ranking
from tests.factories import make_photo, make_user

pytestmark = pytest.mark.django_db
# In a process of the last number there is: no id that the site makes meanwhile can be the same.
_numbers = count((1 << PROCESS_BITS) - 1 << SEQUENCE_BITS)


def liked(photo_id: int, people: int, hours_ago: float = 0) -> None:
    """Have so many people like a photo at a time."""
    moment = datetime.now(UTC) - timedelta(hours=hours_ago)
    for _ in range(people):
        Like.objects.create(id=id_at(moment, next(_numbers)), user=make_user(), photo_id=photo_id)


def test_interest_halves_with_each_day() -> None:
    """Two people of yesterday are worth one of today; the newer photo comes first then."""
    hour = 1000
    assert ranking.order([(1, 7, hour - 24, 2), (2, 8, hour, 1)]) == [2, 1]
    assert ranking.order([(1, 7, hour - 24, 3), (2, 8, hour, 1)]) == [1, 2]
    assert ranking.order([(1, 7, hour - 48, 3), (2, 8, hour, 1)]) == [2, 1]


def test_a_site_that_was_quiet_for_years_has_the_order_of_its_last_days() -> None:
    rows = [(1, 7, 100, 1), (2, 8, 76, 3), (3, 9, 52, 1)]
    assert ranking.order(rows) == ranking.order([(p, a, h + 90_000, n) for p, a, h, n in rows])


def test_each_further_photo_of_an_author_counts_half() -> None:
    rows = [(1, 7, 0, 8), (2, 7, 0, 7), (3, 7, 0, 6), (4, 8, 0, 3)]
    assert ranking.order(rows) == [1, 2, 4, 3]


def test_the_order_does_not_depend_on_that_of_the_rows() -> None:
    rows = [(photo, photo % 3, hour, 1 + photo % 2) for photo in range(9) for hour in (3, 40, 77)]
    assert ranking.order(rows) == ranking.order(rows[::-1])


def test_old_photos_with_interest_of_today_come_before_new_ones(alice: User) -> None:
    old, other = make_photo(alice).pk, make_photo(make_user()).pk
    newest = make_photo(make_user()).pk
    liked(other, 3, hours_ago=50)
    liked(old, 1)
    assert ranking.ranked() == [old, other, newest]


def test_a_person_counts_once_for_what_they_like_and_say(alice: User, bob: User) -> None:
    talked, shown = make_photo(alice).pk, make_photo(make_user()).pk
    for _ in range(5):
        comment(author=bob, photo_id=talked, text="More!")
    like(user=bob, photo_id=talked)
    liked(shown, 2)
    assert ranking.ranked() == [shown, talked]


def test_the_author_the_suspended_and_the_limited_do_not_count(alice: User, bob: User) -> None:
    photo, newer = make_photo(alice).pk, make_photo(make_user()).pk
    like(user=alice, photo_id=photo)
    comment(author=alice, photo_id=photo, text="My best one")
    like(user=bob, photo_id=photo)
    assert ranking.ranked() == [photo, newer]
    suspend(user=bob)
    assert ranking.ranked() == [newer, photo]
    limited = make_user()
    like(user=limited, photo_id=photo)
    User.objects.filter(pk=limited.pk).update(is_limited=True)
    assert ranking.ranked() == [newer, photo]


def test_a_deleted_comment_interests_nobody(alice: User, bob: User) -> None:
    photo, newer = make_photo(alice).pk, make_photo(make_user()).pk
    comment(author=bob, photo_id=photo, text="Yes")
    assert ranking.ranked() == [photo, newer]
    Comment.objects.update(author=None, text="")
    assert ranking.ranked() == [newer, photo]


def test_only_what_everybody_may_see_is_ranked(alice: User, bob: User) -> None:
    shown = make_photo(bob).pk
    private, limited, hidden = make_user(private=True), make_user(), make_photo(bob)
    for author in (private, limited):
        liked(make_photo(author).pk, 1)
    liked(hidden.pk, 1)
    type(hidden).objects.filter(pk=hidden.pk).update(hidden=True)
    User.objects.filter(pk=limited.pk).update(is_limited=True)
    assert ranking.ranked() == [shown]
    follows.set_privacy(user=bob, private=True)
    assert ranking.ranked() == []


def test_it_looks_at_the_newest_likes_only_and_lists_so_many(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = [make_photo(make_user()).pk for _ in range(4)]
    liked(photos[0], 3, hours_ago=1)
    liked(photos[1], 2)
    monkeypatch.setattr(ranking, "MOST_DEEDS", 2)
    monkeypatch.setattr(ranking, "LISTED", 3)
    assert ranking.ranked() == [photos[1], photos[3], photos[2]]
