"""Answers of the API as ready bytes: pages of the home feed, kept for their owner, and photos.

What changes with every like is left out of the bytes and put in when they are sent: the counts
(shared by all viewers) and "liked by me" (the viewer's own) are leaves of the cache. So a like
makes no page invalid. ``kept_page`` and ``kept_photo`` are whole answers in one round trip to
Redis, the account behind the token included; what they cannot answer is for the ordinary way,
which fills the cache.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from typing import Any

import orjson
from django.db.models import QuerySet
from django.urls import reverse

from accounts import cache as people
from accounts.models import User
from minigram_site import compiled
from minigram_site.cached import read
from minigram_site.entries import HIT, Found, Kind, look, usable
from minigram_site.fills import Fill
from minigram_site.pagination import PAGE_SIZE, Cursor, parse_cursor
from minigram_site.trust import Reading
from photos import cache as photos
from photos.api.json import lasting_json, photo_json
from photos.cards import asked_by_user, card_of, read_rows
from photos.models import Photo
from social import cache, feed

# The addresses whose answers are kept: these parameters, in this order, and no other.
ORDINARY = re.compile(r"(?:cursor=([np][0-9]{1,19}))?(?:(?:^|&)limit=([1-9]|[1-4][0-9]|50))?")
# Bytes that JSON never holds: where a photo's counts belong.
_GAP = b"\0"
READY = Kind("feed")


def kept_page(user_id: int, version: int, cursor: str, limit: str, base: str) -> bytes | None:
    """Return the answer to ``GET feed/`` if all of it is cached. One round trip, no query.

    ``version`` is the token's; ``cursor`` and ``limit`` are the texts of the address, empty where
    they are not there. ``None``: ask the ordinary way, which words refusals and fills the cache.
    """
    reading = usable()
    if reading is None:
        return None
    key = _key(user_id, cursor, limit, base)
    account = (people.ACCOUNT, people.account_key(user_id))
    found = look(reading, [account, (READY, key)])
    # Who makes an old page anew is decided on the ordinary way, which gives the others the old one.
    if found is None or found[0].state != HIT or found[1].state != HIT:
        return None
    page = found[1]
    if people.auth_version_in(found[0]) != version or not all(page.leaves):
        return None
    people.ACCOUNT.count("hit")
    READY.count("hit")
    return _joined(page.body, list(filter(None, page.leaves)))


def kept_photo(user_id: int, version: int, photo_id: int, base: str) -> bytes | None:
    """Return the answer to ``GET photos/<id>/`` if all of it is cached. One round trip, no query.

    ``None``: ask the ordinary way.
    """
    reading = usable()
    if reading is None:
        return None
    account = (people.ACCOUNT, people.account_key(user_id))
    blocks = (people.BLOCKS, str(user_id))
    leaves = photos.leaves_of([photo_id], user_id)
    found = look(reading, [account, blocks, (photos.PHOTO, str(photo_id))], leaves)
    if found is None or any(one.state != HIT for one in found[:3]) or not all(found[3].leaves):
        return None
    if people.auth_version_in(found[0]) != version:
        return None
    row = photos.shared_row(found[2], found[3].leaves, people.blocks_in(found[1]))
    if row is None:
        return None
    for kind in (people.ACCOUNT, people.BLOCKS, photos.PHOTO, photos.COUNTS, photos.LIKED):
        kind.count("hit")
    return orjson.dumps(photo_json(card_of(row), base))


def ready_page(owner: User, cursor: str, limit: str, base: str) -> bytes:
    """Return the answer to ``GET feed/`` as bytes. No query if it is cached, four otherwise."""
    page = _Page(owner, cursor, limit, base)
    found = read(READY, page.key, page.build)
    if page.leaves:
        return _joined(found.body, page.leaves)
    if all(found.leaves):
        return _joined(found.body, list(filter(None, found.leaves)))
    reading = usable()
    leaves = _completed(reading, owner.pk, found) if reading else None
    if leaves is None:
        # Something on it has just gone.
        return _joined(page.build(Fill(None)), page.leaves)
    return _joined(found.body, leaves)


class _Page:
    """One page that is made from the database, and its leaves as they were read with it."""

    def __init__(self, owner: User, cursor: str, limit: str, base: str) -> None:
        self.owner = owner
        self.cursor = parse_cursor(cursor)
        self.size = int(limit) if limit else PAGE_SIZE
        self.base = base
        self.tail = f"&limit={limit}" if limit else ""
        self.key = _key(owner.pk, cursor, limit, base)
        self.leaves: Sequence[bytes] = ()

    def build(self, fill: Fill) -> bytes:
        """Read the page, keep it, and return the bytes with their gaps."""
        me = self.owner.pk
        needs = cache.feed_needs(fill, me, lambda: feed.famous_of(self.owner))
        seen: list[int] = []
        page = feed.ids_page(self.owner, self.cursor, self.size, seen)
        authors = photos.authors_of(seen) if fill.reading else dict.fromkeys(seen, 0)
        names = photos.names_of(authors)
        fill.depends(*names, *photos.leaves_of(seen, me))
        rows = {row[0]: row for row in read_rows(seen, me)}
        shown = [identifier for identifier in page.items if identifier in rows]
        values = photos.values_of(rows.values(), me)
        leaves = photos.leaves_of(shown, me)
        self.leaves = [values[name] for name in leaves]
        segments = [
            orjson.dumps(lasting_json(card_of(rows[identifier]), self.base))[:-1] + b","
            for identifier in shown
        ]
        following, preceding = map(self._link, (page.next, page.previous))
        body = _GAP.join(_laid_out(shown, following, preceding, segments))
        if len(rows) == len(seen):
            fill.keep(READY, self.key, body, needs + names, leaves, values)
        return body

    def _link(self, neighbour: Cursor | None) -> bytes:
        address = f"{self.base}{reverse('api-feed')}?cursor={neighbour}{self.tail}"
        return orjson.dumps(neighbour and address)


def _laid_out(
    shown: list[int], following: bytes, preceding: bytes, segments: list[bytes]
) -> list[bytes]:
    """Return the pieces between the gaps; the first says which photos there are."""
    head = b'{"next":%b,"previous":%b,"results":[' % (following, preceding)
    opened = [head + (segments[0] if segments else b"")]
    opened += [b"}," + segment for segment in segments[1:]]
    return [orjson.dumps(shown), *opened, *([b"}]}"] if segments else [])]


def _joined(body: bytes, leaves: Sequence[bytes]) -> bytes:
    """Return the answer: the pieces, with counts and "liked by me" in the gaps."""
    _, *pieces = body.split(_GAP)
    if len(pieces) == 1:
        return pieces[0] + b"]}"
    half = len(leaves) // 2
    gaps = [b'%b,"liked":%b' % pair for pair in zip(leaves[:half], leaves[half:], strict=True)]
    return b"".join(chain.from_iterable(zip(pieces, [*gaps, b""], strict=True)))


def _completed(reading: Reading, viewer_id: int, found: Found) -> list[bytes] | None:
    """Return all leaves of a page of which some had to be read. One query."""
    shown = orjson.loads(found.body.partition(_GAP)[0])
    names = photos.leaves_of(shown, viewer_id)
    missing = {
        photo
        for place, value in enumerate(found.leaves)
        if value is None
        for photo in [shown[place % len(shown)]]
    }
    fill = Fill(reading)
    fill.depends(*photos.leaves_of(missing, viewer_id))
    rows = compiled.read(("leaves",), _asked, [viewer_id, *missing])
    if len(rows) < len(missing):
        return None
    values = photos.values_of(rows, viewer_id)
    fill.keep_all(READY, [], values)
    return [values.get(name) or held or b"" for name, held in zip(names, found.leaves, strict=True)]


def _asked(viewer_id: int, *identifiers: int) -> QuerySet[Photo, Any]:
    columns = ("id", "stats__like_count", "stats__comment_count", "liked")
    return asked_by_user(viewer_id, *identifiers).values_list(*columns)


def _key(owner_id: int, cursor: str, limit: str, base: str) -> str:
    return f"ready:{owner_id}:{cursor}:{limit}:{base}"
