"""People by user name and display name.

In this order: whose name it is, whom the viewer follows, whose words begin so, in whose names it
stands; within each of these the most followed first. Follows that come in while somebody pages on
are left out of that count, so that nobody is missed or shown twice.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Follow, Mute, User, Viewer
from accounts.people import Person
from minigram_site.db import compiled_sql
from minigram_site.fields.snowflake import new_id
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, build_page
from social.search import matching
from social.search.matching import Row, matched_sql, parameters, place_of_viewer, viewer_of, walked
from social.search.schema import PERSON
from social.search.typed import Query

PERSON_KEYS = ("rank", "id")
# Of the people who match what is being typed so many are looked at, and so many of those whom the
# viewer has followed last.
MOST_TYPED, MOST_FOLLOWED = 200, 1000
# What a name, a follow and a beginning weigh beside the number of followers, which is below 2**32.
_SCORED = """
SELECT matched.id, person.username, person.display_name, person.avatar,
    (CASE WHEN person.username = %(name)s THEN 4 ELSE 0 END
     + CASE WHEN {followed} THEN 2 ELSE 0 END + matched.begins) * 4294967296
    + stats.follower_count - {later} AS first
FROM ({matched}) matched
JOIN accounts_user person ON person.id = matched.id
JOIN accounts_userstats stats ON stats.user_id = matched.id
"""
# While somebody types, names are read of those alone who are shown, and nothing is joined: what
# is looked up for each who matches is one row by its key, whatever PostgreSQL thinks of tables.
_TYPED = """
SELECT matched.id,
    (CASE WHEN matched.id = (SELECT id FROM accounts_user WHERE username = %(name)s) THEN 4 ELSE 0
     END + matched.followed + matched.begins) * 4294967296 + (
        SELECT stats.follower_count FROM accounts_userstats stats WHERE stats.user_id = matched.id
    ) AS first
FROM (
    SELECT either.id, MAX(either.begins) AS begins, MAX(either.followed) AS followed
    FROM ({either}) either GROUP BY either.id) matched
"""
_SHOWN = ", ".join(
    [
        "ranked.id",
        *(
            f"(SELECT {column} FROM accounts_user person WHERE person.id = ranked.id) AS {column}"  # noqa: S608
            for column in ("username", "display_name", "avatar")
        ),
    ]
)
_FOLLOWED = {
    "postgresql": """
SELECT one.id, CASE WHEN {begins} THEN 1 ELSE 0 END AS begins, 2 AS followed FROM (
    SELECT person.id, person.words, person.username, person.display_name
    FROM ({followed}) last JOIN accounts_user person ON person.id = last.followee_id OFFSET 0) one
WHERE {conditions}
""",
    # The sign before ``id`` keeps SQLite from asking FTS5 once for each who is followed.
    "sqlite": """
SELECT one.id, one.begins, 2 AS followed FROM ({every}) one WHERE +one.id IN ({followed})
""",
}
_LATER = """
(SELECT COUNT(*) FROM accounts_follow late
 WHERE late.followee_id = matched.id AND late.id > %(since)s)
"""


def people_page(
    query: Query, viewer: Viewer, cursor: Cursor | None, size: int = PAGE_SIZE
) -> Page[User]:
    """Return a page of people whom ``viewer`` may find, with counts and relation to the viewer.

    Two queries, none for a query without terms.
    """
    since = cursor.since if cursor else new_id()
    page = build_page(
        lambda at, limit: _rows(query, viewer, at, limit),
        cursor,
        size,
        lambda row: (row[-1], row[0]),
    ).as_of(since)
    if not page.items:
        return page.with_items([])
    found = User.objects.reachable_by(viewer).filter(pk__in=[row[0] for row in page.items])
    shown = found.with_counts_for(viewer).with_relation_to(viewer).in_bulk()
    return page.with_items([shown[row[0]] for row in page.items if row[0] in shown])


def suggested_people(query: Query, viewer: Viewer, number: int) -> list[Person]:
    """Return up to ``number`` people for what is being typed. One query, or none.

    Of those who match, ``MOST_TYPED`` by beginnings and as many by the inside of their names are
    looked at, and those among the last ``MOST_FOLLOWED`` whom ``viewer`` follows.
    """
    if not query.terms:
        return []
    statement = _typed(
        number,
        inside=matching.asks_inside(PERSON, query),
        is_known=viewer.pk is not None,
        is_postgresql=matching.is_postgresql(),
    )
    values = {**parameters(query), "me": viewer.pk}
    return [_person_of(row) for row in matching.fetch_typed(statement, values)]


@cache
def _typed(number: int, *, inside: bool, is_known: bool, is_postgresql: bool) -> str:
    """Return the statement of ``suggested_people`` for one of the databases. No query."""
    parts = matching.parts_sql(PERSON, inside=inside, most=MOST_TYPED)
    either = [f"SELECT few.id, few.begins, 0 AS followed FROM ({part}) few" for part in parts]  # noqa: S608
    if is_known:
        conditions = [matching.BEGINS, *(matching.conditions_sql(PERSON) if inside else [])]
        either.append(
            _FOLLOWED["postgresql" if is_postgresql else "sqlite"].format(
                begins=matching.BEGINS,
                conditions=" OR ".join(conditions),
                every=" UNION ALL ".join(matching.parts_sql(PERSON, inside=inside)),
                followed=_last_followed(),
            )
        )
    scored = _TYPED.format(either=" UNION ALL ".join(either))
    return matching.walk_sql(scored, _visible(is_known=is_known), number, shown=_SHOWN)


def _person_of(row: Row) -> Person:
    identifier, username, display_name, avatar = row[:4]
    files = orjson.loads(avatar) if isinstance(avatar, str | bytes) else avatar
    return Person(identifier, username, display_name, files)


def _rows(query: Query, viewer: Viewer, cursor: Cursor | None, limit: int) -> list[Row]:
    if not query.terms:
        return []
    scored = _SCORED.format(
        matched=matched_sql(PERSON, query),
        followed=f"matched.id IN ({_followed()})" if viewer.pk else "0 = 1",
        later=_LATER if cursor else "0",
    )
    values = {**parameters(query), "me": viewer.pk, "since": cursor.since if cursor else 0}
    return walked(scored, _visible(is_known=viewer.pk is not None), values, cursor, limit)


@cache
def _followed() -> str:
    return compiled_sql(
        lambda me: Follow.objects.filter(follower=me).values("followee"), ["%(me)s"]
    )


@cache
def _last_followed() -> str:
    def build(me: Any) -> QuerySet[Follow, Any]:
        last = Follow.objects.filter(follower=me).order_by("-pk")
        return last.values("followee_id")[:MOST_FOLLOWED]

    return compiled_sql(build, ["%(me)s"])


@cache
def _visible(*, is_known: bool) -> str:
    return compiled_sql(_findable, ["ranked.id", "%(name)s", *place_of_viewer(is_known=is_known)])


def _findable(user_id: int, name: Any, viewer_id: int | None = None) -> QuerySet[User, Any]:
    """Return the query for a person, if the viewer may find them.

    Limited people are found by their followers, and by whoever knows their name; whom the viewer
    mutes, by name alone.
    """
    shown = Q(is_limited=False)
    if viewer_id is not None:
        follows = Follow.objects.filter(follower=viewer_id, followee=OuterRef("pk"))
        shown |= Q(pk=viewer_id) | Q(Exists(follows))
        shown &= ~Q(pk__in=Mute.objects.active_ids(viewer_id))
    shown |= Q(username=name)
    people = User.objects.reachable_by(viewer_of(viewer_id)).filter(shown, pk=user_id)
    return people.values("pk")
