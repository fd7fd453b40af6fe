"""Which rows match what was typed, as SQL of either database, and in which order they are walked.

A match is cheap and says nothing of who may see the row. So all matches are put in order first,
and the visibility rule is asked for one after the other, from the top, until the page is full: rows
that the viewer may not see make no page shorter, and cost little where they are few.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connections

from accounts.models import User, Viewer
from minigram_site.db import fetch_prepared, read_alias
from minigram_site.fields.snowflake import MAX_ID
from minigram_site.web.pagination import Cursor
from social.search.schema import Index
from social.search.typed import Query

Row = tuple[Any, ...]

# ``OFFSET 0`` keeps both databases from working ``first`` out more than once, and from asking who
# may see a row before the rows are in order. SQLite does not know that they are, and would ask for
# all of them to sort them again; it hands rows on in the order of the subquery.
WALKED = """
SELECT {shown} FROM (
    SELECT * FROM ({scored} LIMIT {everything} OFFSET 0) scored
    WHERE scored.first IS NOT NULL {beyond}
    ORDER BY scored.first {direction}, scored.id {direction} LIMIT {everything} OFFSET 0) ranked
WHERE EXISTS ({visible}) {again} LIMIT {limit}
"""
_AGAIN = "ORDER BY ranked.first {direction}, ranked.id {direction}"
# What PostgreSQL is asked for, worked out once for each statement, and the condition for the words
# of a row that is called ``one``.
_ASKED = """
WITH asked AS MATERIALIZED (SELECT social_search_query(%(words)s::text, TRUE) AS query)"""
BEGINS = "one.words @@ (SELECT query FROM asked)"
_WORDS = {
    "postgresql": f"SELECT one.id, 1 AS begins FROM {{table}} one WHERE {BEGINS}",  # noqa: S608
    "sqlite": "SELECT rowid AS id, 1 AS begins FROM {words_table} "
    "WHERE {words_table} MATCH %(words)s",
}
# What PostgreSQL is told of the values of a prepared statement.
_TYPES = {"words": "text", "inside": "text", "name": "text", "me": "bigint"}
_PLACE = re.compile(r"%\((\w+)\)s")
_LETTERS = {
    "postgresql": "SELECT one.id, 0 AS begins FROM {table} one WHERE {conditions}",
    "sqlite": "SELECT rowid AS id, 0 AS begins FROM {letters_table} "
    "WHERE {letters_table} MATCH %(inside)s",
}


def is_postgresql() -> bool:
    """Tell which database this request reads from. No query."""
    return bool(connections[read_alias()].vendor == "postgresql")


def matched_sql(index: Index, query: Query) -> str:
    """Return SQL for the rows that match, by their beginnings or inside: ``id`` and ``begins``.

    ``begins`` is 1 where each term begins a word, 0 where the text stands inside of one. No
    query, but the first of a process on PostgreSQL asks which indexes there are.
    """
    return grouped_sql(parts_sql(index, inside=asks_inside(index, query)))


def grouped_sql(parts: list[str]) -> str:
    """Return SQL for the rows of any of ``parts_sql``, each once."""
    union = " UNION ALL ".join(parts)
    return f"SELECT found.id, MAX(found.begins) AS begins FROM ({union}) found GROUP BY found.id"  # noqa: S608


def asks_inside(index: Index, query: Query) -> bool:
    """Tell whether the inside of words is looked at. No query but that of ``matched_sql``."""
    return bool(query.inside) and finds_letters(index)


def parts_sql(index: Index, *, inside: bool, most: int | None = None) -> list[str]:
    """Return SQL for the rows whose words begin so, and for those in which the text stands.

    Both have the columns ``id`` and ``begins``; of either there are up to ``most`` rows, whichever
    are found first. No query.
    """
    vendor = "postgresql" if is_postgresql() else "sqlite"
    parts = [_WORDS[vendor], *([_LETTERS[vendor]] if inside else [])]
    if most is not None:
        parts = [f"SELECT * FROM ({part} LIMIT {most}) part" for part in parts]  # noqa: S608
    conditions = " OR ".join(conditions_sql(index))
    return [
        part.format(
            table=index.table,
            words_table=index.words_table,
            letters_table=index.letters_table,
            conditions=conditions,
        )
        for part in parts
    ]


def conditions_sql(index: Index) -> list[str]:
    """Return the conditions of PostgreSQL for the inside of a row that is called ``one``."""
    return [f"one.{column} ILIKE %(inside)s" for column in index.letters]


def parameters(query: Query) -> dict[str, Any]:
    """Return the parameters of ``matched_sql``, and the ``name`` that would be an exact hit."""
    if is_postgresql():
        words, inside = query.for_postgresql, query.inside_for_postgresql
    else:
        words, inside = query.for_sqlite(beginnings=True), query.inside_for_sqlite
    return {"words": words, "inside": inside, "name": query.name}


def walked(
    scored: str, visible: str, values: dict[str, Any], cursor: Cursor | None, limit: int
) -> list[Row]:
    """Return up to ``limit`` rows of ``scored`` past ``cursor``, largest ``first`` and id first.

    ``scored`` is SQL with the columns ``first`` and ``id``; rows without ``first`` are left out.
    ``visible`` is SQL that finds a row if the viewer may see ``ranked.id``. One query.
    """
    backward = cursor is not None and cursor.backward
    beyond = ""
    if cursor is not None:
        relation = ">" if backward else "<"
        beyond = f"AND (scored.first, scored.id) {relation} (%(first)s, %(id)s)"
        values = {**values, "first": cursor.position[0], "id": cursor.position[1]}
    statement = walk_sql(scored, visible, limit, beyond=beyond, backward=backward)
    return fetch(statement, values)


def walk_sql(
    scored: str,
    visible: str,
    limit: int,
    *,
    shown: str = "ranked.*",
    beyond: str = "",
    backward: bool = False,
) -> str:
    """Return the statement of ``walked``; ``shown`` are its columns. No query."""
    direction = "ASC" if backward else "DESC"
    statement = _ASKED + WALKED if is_postgresql() else WALKED
    return statement.format(
        shown=shown,
        scored=scored,
        visible=visible,
        beyond=beyond,
        direction=direction,
        limit=int(limit),
        everything=MAX_ID,
        again=_AGAIN.format(direction=direction) if is_postgresql() else "",
    )


def fetch(statement: str, values: dict[str, Any]) -> list[Row]:
    """Return the rows of a statement, from the server that this request reads from. One query."""
    with connections[read_alias()].cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def fetch_typed(statement: str, values: dict[str, Any]) -> list[Row]:
    """Return the rows of a statement that is sent with every key that somebody presses. One query.

    PostgreSQL prepares it, and plans it once for each connection: planning takes longer than
    finding. Raises ``KeyError`` for a value of unknown type.
    """
    if not is_postgresql():
        return fetch(statement, values)
    text, names = _numbered(statement)
    return fetch_prepared(read_alias(), text, [values[name] for name in names])


@cache
def _numbered(statement: str) -> tuple[str, list[str]]:
    """Return a statement with numbered parameters, and their names.

    Each is read from a subquery, so that no plan depends on its value: PostgreSQL would prefer a
    plan made for one value wherever it believes that to be cheaper, and would plan every time.
    """
    names = list(dict.fromkeys(_PLACE.findall(statement)))

    def numbered(place: re.Match[str]) -> str:
        name = place[1]
        return f"(SELECT ${names.index(name) + 1}::{_TYPES[name]})"

    return _PLACE.sub(numbered, statement), names


def finds_letters(index: Index) -> bool:
    """Tell whether the inside of words is indexed: always on SQLite, else with pg_trgm."""
    if not index.letters:
        return False
    return not is_postgresql() or index.letters_index in _letters_indexes()


@cache
def _letters_indexes() -> frozenset[str]:
    """Return the trigram indexes of PostgreSQL that can be used. One query for each process."""
    with connections[read_alias()].cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class JOIN pg_index ON indexrelid = oid "
            "WHERE relname LIKE %s AND indisvalid AND pg_table_is_visible(oid)",
            [r"search\_%\_letters"],
        )
        return frozenset(row[0] for row in cursor.fetchall())


def forget_indexes() -> None:
    """Have the indexes looked up again, after some were created or dropped. No query."""
    _letters_indexes.cache_clear()


def viewer_of(viewer_id: int | None) -> Viewer:
    """Return the viewer with this id, a visitor for ``None``. No query."""
    return AnonymousUser() if viewer_id is None else User(pk=viewer_id)


def place_of_viewer(*, is_known: bool) -> list[str]:
    """Return the viewer's id as the last place of ``compiled_sql``; none for visitors."""
    return ["%(me)s"] if is_known else []
