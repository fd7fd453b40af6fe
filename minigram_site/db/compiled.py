"""Querysets compiled once: the ORM writes the SQL at first use, afterwards only values change.

Django writes the SQL of a queryset anew each time it is evaluated. For the query behind a page of
photo cards (the visibility rule, three joins, four subqueries) that takes about 1.9 ms of CPU,
while SQLite answers it in 0.1 ms. ``fetch_compiled`` lets the ORM write the SQL once, with a
marker in the place of each value, and afterwards only fills in values. The SQL stays the ORM's:
there is one definition of the visibility rule, not a second one in SQL.

Only for hot reads. A query that is sent now and then is better off as a plain queryset.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.sql import UpdateQuery

from minigram_site.db.router import read_alias
from minigram_site.db.statements import fetch_prepared
from minigram_site.memory_cache import BoundedCache

# Markers: numbers from here on that no id, size or count can be, and texts that no name can be.
_FIRST_MARKER = -(2**62)

Row = tuple[Any, ...]
Value = int | str


@dataclass(frozen=True, slots=True)
class _CompiledQuery:
    """The SQL of a queryset, and its parameters with a gap for each value."""

    sql: str
    parameters: list[Any]
    # (index among the parameters, number of the value, the type the database driver wants)
    gaps: Sequence[tuple[int, int, type[int] | type[str]]]

    def fill(self, values: Sequence[Value]) -> list[Any]:
        """Return the parameters of the SQL for these values."""
        parameters = self.parameters.copy()
        for index, number, value_type in self.gaps:
            parameters[index] = value_type(values[number])
        return parameters


# Their number follows from the sizes of pages and is at most some hundred, of a few kilobytes each.
MAX_BYTES = 8 * 1024**2
_PARAMETER_BYTES, _ENTRY_BYTES = 100, 1000
_compiled: BoundedCache[tuple[Hashable, ...], _CompiledQuery] = BoundedCache(
    MAX_BYTES,
    lambda query: _ENTRY_BYTES + len(query.sql) + _PARAMETER_BYTES * len(query.parameters),
)


def fetch_compiled(
    key: tuple[Hashable, ...],
    build: Callable[..., QuerySet[Any, Any]],
    values: Sequence[Value],
) -> list[Row]:
    """Return the rows of ``build(*values)``, a ``values_list`` queryset, as the driver has them.

    ``build`` is called once for each ``key`` and types of values, with markers; it must not
    depend on what the values are, and what else it depends on belongs into ``key``. Values are
    integers or lower-case texts. Columns come without Django's conversions: JSON is text, and
    SQLite's booleans are 0 and 1. One query, to the server that this request reads from. Raises
    ``TypeError`` if the queryset does not use every value, and Django's database errors.
    """
    full_key = (*map(type, values), *key)
    query = _compiled.get(full_key)
    if query is None:
        query = _compile(build, values)
        _compiled.put(full_key, query)
    with connections[read_alias()].cursor() as cursor:
        cursor.execute(query.sql, query.fill(values))
        return list(cursor.fetchall())


def fetch_hot(build: Callable[..., QuerySet[Any, Any]], values: Sequence[Value]) -> list[Row]:
    """Return the rows of ``build(*values)`` as ``fetch_compiled`` does, on PostgreSQL for half.

    There it is a prepared statement, in which what the queryset itself says is written out:
    nothing is sent but the values. ``build`` is a function of a module and depends on nothing but
    them; columns of JSON have to be cast to text. One query. Raises what ``fetch_compiled`` raises.
    """
    alias = read_alias()
    if connections[alias].vendor == "postgresql":
        return fetch_prepared(alias, _prepared(build, tuple(map(type, values))), values)
    return fetch_compiled((build.__module__, build.__qualname__), build, values)


_COLUMN_TYPES = {int: "bigint", str: "varchar"}


@cache
def _prepared(build: Callable[..., QuerySet[Any, Any]], types: tuple[type[Any], ...]) -> str:
    """Return the SQL of ``build``, with numbered parameters of these types."""
    query = _compile(build, [kind() for kind in types])
    places = [f"${number}::{_COLUMN_TYPES[kind]}" for number, kind in enumerate(types, start=1)]
    return _written_out(query, places)


def update_compiled(
    key: tuple[Hashable, ...],
    build: Callable[..., tuple[QuerySet[Any, Any], dict[str, Any]]],
    values: Sequence[int],
) -> int:
    """Update rows as ``build(*values)`` says, a queryset and its new values; return their number.

    ``build`` is called once for each ``key``, with markers, as that of ``fetch_compiled`` is. One
    statement, inside a transaction. Raises ``TypeError`` if the update does not use every value,
    and Django's database errors.
    """
    query = _compiled.get(("update", *key))
    if query is None:

        def text(*markers: Value) -> tuple[str, Sequence[Any]]:
            queryset, changes = build(*markers)
            update: Any = queryset.query.chain(UpdateQuery)
            update.add_update_values(changes)
            sql, parameters = update.get_compiler(DEFAULT_DB_ALIAS).as_sql()
            return sql, parameters

        query = _with_gaps(text, values)
        _compiled.put(("update", *key), query)
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(query.sql, query.fill(values))
        return int(cursor.rowcount)


def compiled_sql(build: Callable[..., QuerySet[Any, Any]], places: Sequence[str]) -> str:
    """Return the SQL of ``build``, with a piece of SQL in the place of each value.

    For statements that are put together from several querysets: a value can come from a
    parameter (``$1``) or from another part of the statement (``page.id``). No query. Raises
    ``TypeError`` if the queryset does not use every value.
    """
    return _written_out(_compile(build, range(len(places))), places)


def _written_out(query: _CompiledQuery, places: Sequence[str]) -> str:
    """Return the SQL of a query with its own parameters in it, and ``places`` for the values."""
    parameters = list(map(_literal, query.parameters))
    for index, number, _ in query.gaps:
        parameters[index] = places[number]
    return query.sql % tuple(parameters)


def _literal(constant: Any) -> str:
    """Return a text or a number that a queryset says as SQL writes it."""
    if isinstance(constant, str):
        return "'" + constant.replace("'", "''") + "'"
    return str(int(constant))


def _compile(build: Callable[..., QuerySet[Any, Any]], values: Sequence[Value]) -> _CompiledQuery:
    return _with_gaps(lambda *markers: build(*markers).query.sql_with_params(), values)


def _with_gaps(
    text: Callable[..., tuple[str, Sequence[Any]]], values: Sequence[Value]
) -> _CompiledQuery:
    markers: dict[Value, int] = {
        f"\0{number}" if isinstance(value, str) else _FIRST_MARKER + number: number
        for number, value in enumerate(values)
    }
    sql, parameters = text(*markers)
    # A column of text takes a number as text.
    markers |= {str(marker): number for marker, number in markers.items()}
    gaps = [
        (index, markers[parameter], type(parameter))
        for index, parameter in enumerate(parameters)
        if isinstance(parameter, int | str) and parameter in markers
    ]
    if {number for _, number, _ in gaps} != set(markers.values()):
        raise TypeError("The queryset does not use every value that it is given.")
    return _CompiledQuery(sql, list(parameters), gaps)
