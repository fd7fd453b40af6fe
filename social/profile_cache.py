"""Cached profiles: one row for all viewers, and two leaves beside it.

What every viewer sees of a person is stored under the username. The counts are a leaf, and so is
the relation between the viewer and the person (follows, requests, blocks). A viewer with a block,
who may see other counts, reads the row from the database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from accounts import account_cache
from minigram_site.cache import (
    HIT,
    Entry,
    Region,
    Writer,
    current_lease,
    get_or_build,
    is_configured,
    lookup,
)

PROFILE = Region("profile")
RELATION = Region("relation")

Row = Sequence[Any]
# What a row of ``social.people`` ends with: four counts, then the relation between the two, and
# whether the counts are everybody's: the viewer has no block.
_COUNTS, _RELATION, _SHARED = slice(-11, -7), slice(-7, -1), -1
_ID, _PRIVATE = 0, 6


def profile_row(
    username: str,
    viewer_id: int | None,
    identify: Callable[[], int | None],
    read_row: Callable[[], Row | None],
) -> Row | None:
    """Return the row of a profile as the viewer sees it, ``None`` if there is no such person.

    ``identify`` reads the person's id, ``read_row`` the row of ``social.people``. No query on a
    hit, else those two.
    """
    if not is_configured():
        return read_row()
    rows: list[Row | None] = []

    def build(writer: Writer) -> None:
        user_id = identify()
        row = None
        if user_id is not None:
            row = _read_profile(writer, user_id, username, viewer_id, read_row)
        rows.append(row)

    lease = current_lease()
    if lease is None:
        build(Writer(None))
        return rows[0]
    found = get_or_build(PROFILE, username, build)
    if rows:
        return rows[0]
    row = orjson.loads(found.body)
    numbers = found.leaves[0] if found.leaves else None
    relation: bytes | None = b"[false,false,false,false,true]"
    if viewer_id is not None and numbers:
        leaf = account_cache.relation_leaf(viewer_id, row[_ID])
        looked = lookup(lease, [(account_cache.BLOCKS, str(viewer_id))], [leaf])
        relation = looked[-1].leaves[0] if looked and _blocks_nobody(looked[0]) else None
        RELATION.count("hit" if relation else "miss")
    if not numbers or not relation:
        return _read_profile(Writer(lease), row[_ID], username, viewer_id, read_row)
    between = orjson.loads(relation)
    may_see = between[-1] and (not row[_PRIVATE] or between[0] or row[_ID] == viewer_id)
    return [*row, *orjson.loads(numbers), *between, may_see, True]


def _blocks_nobody(found: Entry) -> bool:
    return found.state == HIT and not account_cache.blocks_in(found)


def _read_profile(
    writer: Writer,
    user_id: int,
    username: str,
    viewer_id: int | None,
    read_row: Callable[[], Row | None],
) -> Row | None:
    person, numbers = account_cache.account_dependency(user_id), account_cache.numbers_leaf(user_id)
    leaves = [numbers]
    if viewer_id is not None:
        leaves.append(account_cache.relation_leaf(viewer_id, user_id))
        writer.depends_on(account_cache.blocks_dependency(viewer_id))
    writer.depends_on(person, *leaves)
    row = read_row()
    if row is None or row[_ID] != user_id or not row[_SHARED]:
        return row
    if viewer_id is not None:
        account_cache.store_no_blocks(writer, viewer_id)
    shown = list(row[: _COUNTS.start])
    shown[_PRIVATE] = bool(shown[_PRIVATE])
    between = [bool(fact) for fact in row[_RELATION]][:-1]
    values = dict(zip(leaves, [orjson.dumps(row[_COUNTS]), orjson.dumps(between)], strict=False))
    writer.store(PROFILE, username, orjson.dumps(shown), [person], [numbers], values)
    return row
