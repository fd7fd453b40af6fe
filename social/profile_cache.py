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
    MISS,
    Built,
    Claim,
    Entry,
    Region,
    Writer,
    claim,
    current_lease,
    require_changes_of,
)
from minigram_site.memory_cache import BoundedCache

PROFILE = Region("profile")
RELATION = Region("relation")

Row = Sequence[Any]
ReadRow = Callable[[], Row | None]
# What a row of ``social.people`` ends with: four counts, then the relation between the two, and
# whether the counts are everybody's: the viewer has no block.
_COUNTS, _RELATION, _SHARED = slice(-12, -8), slice(-8, -1), -1
_ID, _PRIVATE = 0, 6
# In a relation, whether the viewer mutes the person.
_MUTES = 4
# What a visitor has to do with anybody: they only reach them.
_NO_RELATION = b"[false,false,false,false,false,true]"

# Whose id a name was when it was last read: the relation is asked for by it, in one round trip with
# the row, which says whether it is still so.
_ids: BoundedCache[str, int] = BoundedCache(4 * 1024**2, lambda _: 200)


def profile_row(username: str, viewer_id: int | None, read_row: ReadRow) -> Row | None:
    """Return the row of a profile as the viewer sees it, ``None`` if there is no such person.

    ``read_row`` reads the row of ``social.people``. No query on a hit, else that one.
    """
    lease = current_lease()
    claimed = claim(lease, *parts_of(username, viewer_id)) if lease else None
    if claimed is None:
        return current_row(viewer_id, read_row)
    row = row_in(username, claimed.found, viewer_id)
    if row is not None:
        return row
    return read_missing(username, claimed, claimed.found, viewer_id, read_row)


def parts_of(username: str, viewer_id: int | None) -> tuple[list[tuple[Region, str]], list[str]]:
    """Return the entries and the leaves that a profile is made of for a viewer."""
    user_id = _ids.get(username)
    if viewer_id is None:
        return [(PROFILE, username)], []
    leaves = [] if user_id is None else [account_cache.relation_leaf(viewer_id, user_id)]
    return [(account_cache.BLOCKS, str(viewer_id)), (PROFILE, username)], leaves


def row_in(username: str, found: Sequence[Entry], viewer_id: int | None) -> Row | None:
    """Return the row in what was found of ``parts_of``; ``None`` if something of it is missing."""
    *blocks, shared, asked = found
    PROFILE.count("hit" if shared.state == HIT else "miss")
    if shared.state != HIT or not shared.is_whole:
        return None
    row = orjson.loads(shared.body)
    relation: bytes | None = _NO_RELATION
    if viewer_id is not None:
        is_known = row[_ID] == _ids.get(username) and asked.leaves and _blocks_nobody(blocks[0])
        relation = asked.leaves[0] if is_known else None
        RELATION.count("hit" if relation else "miss")
    if relation is None:
        return None
    between = orjson.loads(relation)
    may_see = between[-1] and (not row[_PRIVATE] or between[0] or row[_ID] == viewer_id)
    return [*row, *orjson.loads(shared.leaves[0] or b""), *between, may_see, True]


def read_missing(
    username: str,
    claimed: Claim,
    found: Sequence[Entry],
    viewer_id: int | None,
    read_row: ReadRow,
) -> Row | None:
    """Return the row from the database, and store what was missing in ``found``. One query."""
    writer = Writer(claimed.lease)
    writer.read_since(claimed.last_change)
    row = current_row(viewer_id, read_row)
    if row is None:
        return None
    _ids.put(username, row[_ID])
    if not row[_SHARED]:
        return row
    *blocks, shared, _ = found
    user_id = row[_ID]
    numbers = account_cache.numbers_leaf(user_id)
    values = {numbers: orjson.dumps(row[_COUNTS])}
    built = []
    if viewer_id is not None:
        between = [bool(fact) for fact in row[_RELATION]][:-1]
        # A mute may end by itself, and nothing says so then.
        if not between[_MUTES]:
            values[account_cache.relation_leaf(viewer_id, user_id)] = orjson.dumps(between)
        if blocks[0].state != HIT:
            built.append(account_cache.no_blocks(viewer_id))
    if shared.state != HIT:
        shown = list(row[: _COUNTS.start])
        shown[_PRIVATE] = bool(shown[_PRIVATE])
        person = account_cache.account_dependency(user_id)
        built.append(Built(PROFILE, username, orjson.dumps(shown), [person], [numbers]))
    writer.store_unchanged(built, values)
    return row


def current_row(viewer_id: int | None, read_row: ReadRow) -> Row | None:
    """Return the row from the database, with all that was acknowledged at this machine.

    One query, two where it has changed meanwhile.
    """
    row = read_row()
    if row is None:
        return None
    names = [account_cache.account_dependency(row[_ID]), account_cache.numbers_leaf(row[_ID])]
    if viewer_id is not None:
        names.append(account_cache.blocks_dependency(viewer_id))
        names.append(account_cache.relation_leaf(viewer_id, row[_ID]))
    return read_row() if require_changes_of(names) else row


def _blocks_nobody(found: Entry) -> bool:
    return found.state != MISS and not account_cache.blocks_in(found)
