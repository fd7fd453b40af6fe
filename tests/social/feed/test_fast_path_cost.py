"""What a read of the feed costs PostgreSQL, in rows: whatever else the machine does."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import ApiSession, Follow, User
from minigram_site.fields.snowflake import MAX_ID
from photos.models import Photo, PhotoStats
from social.feed import fast_reads
from social.models import Feed, FeedEntry

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite counts no rows."),
]
# 21 entries, which each step of the plan hands on, and what is looked up for each of them.
ENOUGH = 1000


def rows_read(owner: User) -> int:
    """Return how many rows all steps of the plan yield for the first page."""
    statement = fast_reads._statement("stored", backward=False)
    session = ApiSession.objects.create(user=owner, token_id="t" * 32, expires_at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        # The plan that holds for everybody, as on a connection that has been used for a while.
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        # Small tables, which are cheapest read whole, stand for large ones.
        for method in ("seqscan", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{method} = off")
        cursor.execute(f"PREPARE page (bigint, bigint, bigint, bigint) AS {statement}")
        parameters = f"{owner.pk}, {MAX_ID}, 21, {session.pk}"
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE page({parameters})")
        plan = cursor.fetchone()[0][0]["Plan"]
        cursor.execute("DEALLOCATE page")
    assert plan["Actual Rows"] == 21
    return _rows_of(plan)


def _rows_of(plan: dict[str, Any]) -> int:
    own = int(plan["Actual Rows"] * plan["Actual Loops"])
    own += int(plan.get("Rows Removed by Filter", 0) * plan["Actual Loops"])
    return own + sum(map(_rows_of, plan.get("Plans", ())))


def follows_many(people: int, photos: int) -> User:
    """Insert somebody who follows ``people``, the first fifty of whom have published ``photos``."""
    users = User.objects.bulk_create(
        User(username=f"user{number}", email=f"{number}@example.org")
        for number in range(people + 1)
    )
    me, *others = users
    Follow.objects.bulk_create(Follow(follower=me, followee=other) for other in others)
    published = Photo.objects.bulk_create(
        Photo(author=others[number % 50], width=3, height=2) for number in range(photos)
    )
    PhotoStats.objects.bulk_create(PhotoStats(photo=photo) for photo in published)
    Feed.objects.create(owner=me, complete_from=published[-1000].pk)
    FeedEntry.objects.bulk_create(
        FeedEntry(owner=me, photo=photo, author=photo.author) for photo in published[-1000:]
    )
    return me


@pytest.mark.parametrize(
    ("people", "photos"), [(50, 1000), (50, 6000), (1000, 1000)], ids=["few", "photos", "follows"]
)
def test_a_page_costs_the_same_however_many_photos_and_follows(people: int, photos: int) -> None:
    assert rows_read(follows_many(people, photos)) < ENOUGH
