"""What a read of the feed costs PostgreSQL, in rows: whatever else the machine does."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from minigram_site.ids import MAX_ID
from social import hot_reads
from social.populate import populate
from social.populate_plan import Sizes

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite counts no rows."),
]
# 21 entries, which each step of the plan hands on, and what is looked up for each of them.
ENOUGH = 1000


def rows_read(owner: User) -> int:
    """Return how many rows all steps of the plan yield for the first page."""
    statement = hot_reads._statement("stored", backward=False)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        # The plan that holds for everybody, as on a connection that has been used for a while.
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE page (bigint, bigint, bigint) AS {statement}")
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE page({owner.pk}, {MAX_ID}, 21)"
        cursor.execute(explain)
        plan = cursor.fetchone()[0][0]["Plan"]
        cursor.execute("DEALLOCATE page")
    assert plan["Actual Rows"] == 21
    return _rows_of(plan)


def _rows_of(plan: dict[str, Any]) -> int:
    own = int(plan["Actual Rows"] * plan["Actual Loops"])
    own += int(plan.get("Rows Removed by Filter", 0) * plan["Actual Loops"])
    return own + sum(map(_rows_of, plan.get("Plans", ())))


@pytest.mark.parametrize(
    ("photos", "dormant"), [(300, 0), (3000, 0), (300, 600)], ids=["few", "many", "dormant"]
)
def test_a_page_costs_the_same_however_many_photos_and_follows(photos: int, dormant: int) -> None:
    sizes = Sizes(users=60, follows=40, photos=photos, likes=500, dormant=dormant)
    populate(sizes=sizes, password=None, report=lambda _: None)
    assert rows_read(User.objects.get(username="user1")) < ENOUGH
