"""Answers of the API as ready bytes: pages of the home feed, kept for their owner, and photos.

What changes with every like is left out of the bytes and put in when they are sent: the counts
(shared by all viewers) and "liked by me" (the viewer's own) are leaves of the cache. So a like
makes no page invalid.

``look`` is a whole answer in one round trip to Redis, the account behind the token included.
What it does not find, it claims on the same way: the right to make it, and the versions that it
will depend on. ``read`` goes on from there, with the statements of the lean path, and waits for
Redis once more at the most; so a miss costs little more than a site without a cache.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import orjson
from django.urls import reverse

from accounts import account_cache
from accounts.models import User
from minigram_site.cache import (
    HIT,
    MISS,
    Claim,
    Entry,
    Lease,
    Region,
    Writer,
    claim,
    current_lease,
    lock_key,
    release_lock,
    resolve,
)
from minigram_site.web.pagination import PAGE_SIZE, Cursor, parse_cursor
from photos import photo_cache
from photos.api import json_fragments
from photos.api.json import photo_json
from photos.api.json_fragments import Piece, Shown
from photos.cards import card_of, cards_of
from social import feed
from social.feed import cache, fast_reads
from social.feed.fast_reads import Caller, NotOrdinary

# The addresses whose answers are kept: these parameters, in this order, and no other.
ORDINARY = re.compile(r"(?:cursor=([np][0-9]{1,19}))?(?:(?:^|&)limit=([1-9]|[1-4][0-9]|50))?")
# Bytes that JSON never holds: where a photo's counts belong.
_GAP = b"\0"
READY = Region("feed")


class KeptPhoto:
    """One photo as an answer to ``GET photos/<id>/``."""

    def __init__(self, caller: Caller, photo_id: int, base: str) -> None:
        """Name it; nothing is asked yet."""
        self.caller = caller
        self.photo_id = photo_id
        self.base = base
        self.claimed: Claim | None = None
        # Whether the account stands behind the token.
        self.stands = False

    def look(self) -> bytes | None:
        """Return the answer if all of it is cached. One round trip, no query."""
        lease = current_lease()
        if lease is None:
            return None
        me, photo = self.caller.id, self.photo_id
        blocks = (account_cache.BLOCKS, str(me))
        entries = [_account(me), blocks, (photo_cache.PHOTO, str(photo))]
        self.claimed = claim(lease, entries, photo_cache.leaves_of([photo], me))
        if self.claimed is None:
            return None
        account, blocked, shared, leaves = self.claimed.found
        self.stands = _stands(account, self.caller)
        if not self.stands or blocked.state != HIT or shared.state != HIT or leaves.versions:
            return None
        row = photo_cache.shared_row(shared, leaves.leaves, account_cache.blocks_in(blocked))
        if row is None:
            return None
        for region in (
            account_cache.ACCOUNT,
            account_cache.BLOCKS,
            photo_cache.PHOTO,
            photo_cache.COUNTS,
            photo_cache.LIKED,
        ):
            region.count("hit")
        return orjson.dumps(photo_json(card_of(row), self.base))

    def read(self) -> bytes:
        """Return what ``look`` did not. One query, or two where nobody has kept the photo.

        The caller's account is known to stand behind the token. Raises ``NotOrdinary`` if the
        photo is not there, or not for the caller.
        """
        # One who finds an old photo makes it anew (photos.photo_cache).
        if self.claimed is not None and self.stands and self.claimed.found[2].state == HIT:
            return self._completed(self.claimed)
        cards = cards_of([self.photo_id], User(pk=self.caller.id))
        if not cards:
            raise NotOrdinary
        return json_fragments.plain(cards[0], self.base).json()

    def _completed(self, claimed: Claim) -> bytes:
        """Return a photo that is kept, but not all that goes with it. One query."""
        me, photo = self.caller.id, self.photo_id
        shared, leaves = claimed.found[2:]
        names = photo_cache.leaves_of([photo], me)
        writer = _claiming(claimed.lease, names, leaves)
        # Those of private authors are kept for nobody: their words are read with the rest.
        words = {} if photo_cache.is_shared(shared) else fast_reads.pieces(me, [photo], self.base)
        visible = list(words.values()) or fast_reads.shown(me, [photo])
        if not visible:
            raise NotOrdinary
        account_cache.ACCOUNT.count("hit")
        photo_cache.PHOTO.count("hit")
        for region, value in zip(
            (photo_cache.COUNTS, photo_cache.LIKED), leaves.leaves, strict=True
        ):
            region.count("hit" if value else "miss")
        counts, liked = held = _held(writer, names, leaves, _values(visible, me))
        # The server that was asked may be behind what is kept.
        row = photo_cache.shared_row(shared, held, frozenset())
        if row is not None:
            return orjson.dumps(photo_json(card_of(row), self.base))
        if photo not in words:
            raise NotOrdinary
        return b'%b,%b,"liked":%b}' % (words[photo].lasting, counts, liked)


class KeptPage:
    """One page of somebody's feed as an answer to ``GET feed/``.

    ``cursor`` and ``limit`` are the texts of the address, empty where they are not there.
    """

    def __init__(self, caller: Caller, cursor: str, limit: str, base: str) -> None:
        """Name it; nothing is asked yet. ``InvalidCursor`` for a number past 64 bits."""
        self.caller = caller
        self.cursor = parse_cursor(cursor)
        self.size = int(limit) if limit else PAGE_SIZE
        self.base = base
        self.tail = f"&limit={limit}" if limit else ""
        self.key = f"ready:{caller.id}:{cursor}:{limit}:{base}"
        self.needs = cache.feed_needs(caller.id)
        self.claimed: Claim | None = None
        # Whether the account stands behind the token.
        self.stands = False

    def look(self) -> bytes | None:
        """Return the answer if all of it is cached. One round trip, no query."""
        lease = current_lease()
        if lease is None:
            return None
        entries = [_account(self.caller.id), (READY, self.key)]
        self.claimed = claim(lease, entries, needs=self.needs)
        if self.claimed is None:
            return None
        account, page, _ = self.claimed.found
        self.stands = _stands(account, self.caller)
        if not self.stands:
            if self.claimed.locked:
                release_lock(lock_key(lease, READY, self.key))
            self.claimed = None
            return None
        account_cache.ACCOUNT.count("hit")
        # Who makes an old page anew reads; the others get the old one.
        if page.state == MISS or page.versions or self.claimed.locked:
            return None
        READY.count("hit" if page.state == HIT else "stale")
        return _joined(page.body, [value for value in page.leaves if value is not None])

    def read(self) -> bytes:
        """Return what ``look`` did not. Two queries, one where only leaves are gone.

        The caller's account is known to stand behind the token.
        """
        claimed = self.claimed
        if claimed is None:
            lease = current_lease()
            claimed = claim(lease, [(READY, self.key)], needs=self.needs) if lease else None
            if lease and claimed is None:
                READY.count("error")
        if claimed is None:
            return self._made(Writer(None))
        made: list[bytes] = []

        def build(writer: Writer) -> bytes:
            made.append(self._made(writer))
            return b""

        found = resolve(claimed, READY, self.key, claimed.found[-2], build)
        return made[0] if made else self._completed(claimed.lease, found)

    def _made(self, writer: Writer) -> bytes:
        """Read the page, keep it, and return it. Two queries, one round trip."""
        me = self.caller.id
        needs = list(self.needs)
        writer.depends_on(*(name for name in needs if name not in writer.versions))
        owner = User(pk=me)
        found = fast_reads.ids(owner, self.cursor, self.size)
        if found.merged and writer.lease:
            # What the famous publish makes no feed invalid: their own versions are noted as well.
            needs += cache.note_famous(writer, feed.famous_of(owner))
            found = fast_reads.ids(owner, self.cursor, self.size)
        names = photo_cache.names_of(found.authors)
        writer.depends_on(*names, *photo_cache.leaves_of(found.authors, me))
        pieces = fast_reads.pieces(me, list(found.authors), self.base)
        shown = [pieces[photo] for photo in found.page.items if photo in pieces]
        following, preceding = map(self._link, (found.page.next, found.page.previous))
        body = _GAP.join(_laid_out(shown, following, preceding))
        values = _values(pieces.values(), me)
        leaves = photo_cache.leaves_of((piece.id for piece in shown), me)
        if len(pieces) == len(found.authors):
            writer.store(READY, self.key, body, needs + names, leaves, values)
        return _joined(body, [values[name] for name in leaves])

    def _completed(self, lease: Lease, found: Entry) -> bytes:
        """Return a kept page; leaves of it that are gone are read. One query."""
        me = self.caller.id
        shown = orjson.loads(found.body.partition(_GAP)[0])
        names = photo_cache.leaves_of(shown, me)
        if not found.versions:
            return _joined(found.body, _held(Writer(None), names, found, {}))
        writer = _claiming(lease, names, found)
        missing = list({shown[place % len(shown)] for place in found.versions})
        visible = fast_reads.shown(me, missing)
        if len(visible) < len(missing):
            # Something on it has just gone.
            return self._made(Writer(None))
        return _joined(found.body, _held(writer, names, found, _values(visible, me)))

    def _link(self, neighbour: Cursor | None) -> bytes:
        address = f"{self.base}{_path()}?cursor={neighbour}{self.tail}"
        return orjson.dumps(neighbour and address)


@functools.cache
def _path() -> str:
    return reverse("api-feed")


def _account(user_id: int) -> tuple[Region, str]:
    return account_cache.ACCOUNT, account_cache.account_key(user_id)


def _stands(account: Entry, caller: Caller) -> bool:
    return account.state == HIT and account_cache.auth_version_in(account) == caller.version


def _claiming(lease: Lease, names: Sequence[str], found: Entry) -> Writer:
    """Return what keeps the leaves of ``found`` that are gone; ``names`` are those of all."""
    writer = Writer(lease)
    writer.record([names[place] for place in found.versions], found.versions.values())
    return writer


def _held(
    writer: Writer, names: Sequence[str], found: Entry, values: Mapping[str, bytes]
) -> list[bytes]:
    """Return all leaves, those that are gone from ``values``, which are kept."""
    if found.versions:
        gone = [names[place] for place in found.versions]
        writer.store_all(READY, [], {name: values[name] for name in gone})
    held = zip(names, found.leaves, strict=True)
    return [values[name] if value is None else value for name, value in held]


def _values(found: Iterable[Piece | Shown], viewer_id: int) -> dict[str, bytes]:
    """Return the values of the leaves of these photos, by name."""
    values = {}
    for photo in found:
        counts = photo_cache.counts_value(photo.like_count, photo.comment_count)
        values[photo_cache.counts_leaf(photo.id)] = counts
        values[photo_cache.liked_leaf(viewer_id, photo.id)] = photo_cache.liked_value(photo.liked)
    return values


def _laid_out(shown: Sequence[Piece], following: bytes, preceding: bytes) -> list[bytes]:
    """Return the pieces between the gaps; the first says which photos there are."""
    head = b'{"next":%b,"previous":%b,"results":[' % (following, preceding)
    segments = [piece.lasting + b"," for piece in shown]
    opened = [head + (segments[0] if segments else b"")]
    opened += [b"}," + segment for segment in segments[1:]]
    identifiers = orjson.dumps([piece.id for piece in shown])
    return [identifiers, *opened, *([b"}]}"] if segments else [])]


def _joined(body: bytes, leaves: Sequence[bytes]) -> bytes:
    """Return the answer: the pieces, with counts and "liked by me" in the gaps."""
    _, *pieces = body.split(_GAP)
    if len(pieces) == 1:
        return pieces[0] + b"]}"
    half = len(leaves) // 2
    gaps = [b'%b,"liked":%b' % pair for pair in zip(leaves[:half], leaves[half:], strict=True)]
    return b"".join(chain.from_iterable(zip(pieces, [*gaps, b""], strict=True)))
