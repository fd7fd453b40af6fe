"""JSON answers in Redis: pages of the home feed, cached for their owner, and single photos.

What changes with every like is left out of the cached bytes and filled in when they are sent: the
counts (shared by all viewers) and "liked by me" (the viewer's own) are leaves of the cache. So a
like invalidates no page.

``lookup`` finds a whole answer in one round trip to Redis, the account behind the token included.
On a miss that round trip also claims what comes next: the stampede lock, and the tokens that the
answer will depend on. ``complete`` goes on from there with the statements of ``fast_reads`` and
waits for Redis once more at the most, so that a miss costs little more than a site without a cache.
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
    require_changes_of,
    resolve,
)
from minigram_site.web.pagination import PAGE_SIZE, Cursor, parse_cursor
from photos import photo_cache
from photos.api import json_fragments
from photos.api.json import photo_json
from photos.api.json_fragments import Fragment, VisiblePhoto
from photos.cards import card_of, cards_of, with_seen_counts
from social import feed
from social.feed import cache, fast_reads
from social.feed.fast_reads import Caller, NotOnFastPath

# The query strings whose answers are cached: these parameters, in this order, and no other.
CACHED_QUERY = re.compile(r"(?:cursor=([np][0-9]{1,19}))?(?:(?:^|&)limit=([1-9]|[1-4][0-9]|50))?")
# Bytes that JSON never holds: where a photo's counts belong, and what a page begins with whose
# owner has a block, so that the counts are not what they see.
_GAP = b"\0"
_BLOCKS = b"\1"
FEED_JSON = Region("feed")


class CachedPhoto:
    """One photo as an answer to ``GET photos/<id>/``."""

    def __init__(self, caller: Caller, photo_id: int, base: str) -> None:
        """Name the photo; nothing is looked up yet."""
        self.caller = caller
        self.photo_id = photo_id
        self.base = base
        self.claimed: Claim | None = None
        # Whether the cached account confirms the token.
        self.authenticated = False

    def lookup(self) -> bytes | None:
        """Return the body if all of it is cached, else ``None``. One round trip, no query."""
        lease = current_lease()
        if lease is None:
            return None
        me, photo = self.caller.id, self.photo_id
        blocks = (account_cache.BLOCKS, str(me))
        entries = [_account_entry(self.caller), blocks, (photo_cache.PHOTO, str(photo))]
        self.claimed = claim(lease, entries, photo_cache.leaves_of([photo], me))
        if self.claimed is None:
            return None
        account, blocked, shared, leaves = self.claimed.found
        self.authenticated = _is_authenticated(account, self.caller)
        if not self.authenticated or blocked.state != HIT or shared.state != HIT or leaves.tokens:
            return None
        row = photo_cache.shared_row(shared, leaves.leaves)
        if row is None or account_cache.blocks_in(blocked):
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

    def complete(self) -> bytes:
        """Return the body that ``lookup`` did not find; the account is authenticated by now.

        Raises ``NotOnFastPath`` if there is no such photo or the caller may not see it. One query,
        or two where the photo is not cached at all; one more for callers with blocks.
        """
        # A stale photo is rebuilt by ``photos.photo_cache``.
        if self.claimed is not None and self.authenticated and self.claimed.found[2].state == HIT:
            blocked = self.claimed.found[1]
            if blocked.state != HIT or not account_cache.blocks_in(blocked):
                return self._completed(self.claimed)
        cards = cards_of([self.photo_id], User(pk=self.caller.id))
        if not cards:
            raise NotOnFastPath
        return json_fragments.fragment_of_card(cards[0], self.base).json()

    def _completed(self, claimed: Claim) -> bytes:
        """Return a cached photo whose leaves, or whose words, are missing. One query."""
        me, photo = self.caller.id, self.photo_id
        shared, leaves = claimed.found[2:]
        names = photo_cache.leaves_of([photo], me)
        writer = _writer_of_missing(claimed.lease, names, leaves)
        require_changes_of(photo_cache.names_of([photo], me))
        # Photos of private authors are not cached: their words are read with the rest.
        words = (
            {}
            if photo_cache.is_shared(shared)
            else fast_reads.fragments_by_id(me, [photo], self.base)
        )
        visible = list(words.values()) or fast_reads.visible_photos(me, [photo])
        if not visible:
            raise NotOnFastPath
        account_cache.ACCOUNT.count("hit")
        photo_cache.PHOTO.count("hit")
        for region, value in zip(
            (photo_cache.COUNTS, photo_cache.LIKED), leaves.leaves, strict=True
        ):
            region.count("hit" if value else "miss")
        counts, liked = held = _all_leaves(writer, names, leaves, _leaf_values(visible, me))
        if not visible[0].counts_are_shared:
            words = words or fast_reads.fragments_by_id(me, [photo], self.base)
            for seen in with_seen_counts(list(words.values()), me):
                return seen.json()
            raise NotOnFastPath
        # The replica that was asked may be behind the cache.
        row = photo_cache.shared_row(shared, held)
        if row is not None:
            return orjson.dumps(photo_json(card_of(row), self.base))
        if photo not in words:
            raise NotOnFastPath
        return b'%b,%b,"liked":%b}' % (words[photo].lasting, counts, liked)


class CachedPage:
    """One page of a home feed as an answer to ``GET feed/``.

    ``cursor`` and ``limit`` are the texts in the query string, empty where there are none.
    """

    def __init__(self, caller: Caller, cursor: str, limit: str, base: str) -> None:
        """Name the page; nothing is looked up yet. ``InvalidCursor`` for a number past 64 bits."""
        self.caller = caller
        self.cursor = parse_cursor(cursor)
        self.size = int(limit) if limit else PAGE_SIZE
        self.base = base
        self.tail = f"&limit={limit}" if limit else ""
        self.key = cache.ready_key(caller.id, cursor, limit, base)
        self.dependencies = cache.feed_dependencies(caller.id)
        self.claimed: Claim | None = None
        # Whether the cached account confirms the token.
        self.authenticated = False

    def lookup(self) -> bytes | None:
        """Return the body if all of it is cached, else ``None``. One round trip, no query."""
        lease = current_lease()
        if lease is None:
            return None
        entries = [_account_entry(self.caller), (FEED_JSON, self.key)]
        self.claimed = claim(lease, entries, dependencies=self.dependencies)
        if self.claimed is None:
            return None
        account, page, _ = self.claimed.found
        self.authenticated = _is_authenticated(account, self.caller)
        if not self.authenticated:
            if self.claimed.locked:
                release_lock(lock_key(lease, FEED_JSON, self.key))
            self.claimed = None
            return None
        account_cache.ACCOUNT.count("hit")
        # The holder of the lock rebuilds a stale page; the others get the stale one.
        whole = page.state != MISS and not page.tokens and not page.body.startswith(_BLOCKS)
        if not whole or self.claimed.locked:
            return None
        FEED_JSON.count("hit" if page.state == HIT else "stale")
        return _join(page.body, [value for value in page.leaves if value is not None])

    def complete(self) -> bytes:
        """Return the body that ``lookup`` did not find; the account is authenticated by now.

        Two queries, one where only leaves are missing; one more for callers with blocks.
        """
        claimed = self.claimed
        if claimed is None:
            lease = current_lease()
            claimed = (
                claim(lease, [(FEED_JSON, self.key)], dependencies=self.dependencies)
                if lease
                else None
            )
            if lease and claimed is None:
                FEED_JSON.count("error")
        if claimed is None:
            return self._made(Writer(None))
        made: list[bytes] = []

        def build(writer: Writer) -> bytes:
            made.append(self._made(writer))
            return b""

        found = resolve(claimed, FEED_JSON, self.key, claimed.found[-2], build)
        return made[0] if made else self._completed(claimed.lease, found)

    def _made(self, writer: Writer) -> bytes:
        """Read the page, store it in the cache and return it. Two queries, one round trip.

        Stored are everybody's counts. For callers with blocks one more query says what they see.
        """
        me = self.caller.id
        dependencies = list(self.dependencies)
        writer.depends_on(*(name for name in dependencies if name not in writer.tokens))
        owner = User(pk=me)
        found = fast_reads.page_ids(owner, self.cursor, self.size)
        if found.merged and writer.lease:
            # A photo of a famous author invalidates no feed: the page depends on theirs as well.
            dependencies += cache.note_famous(writer, feed.famous_of(owner))
            found = fast_reads.page_ids(owner, self.cursor, self.size)
        names = photo_cache.dependencies_of(found.authors)
        writer.depends_on(*names, *photo_cache.leaves_of(found.authors, me))
        fragments = fast_reads.fragments_by_id(me, list(found.authors), self.base)
        shown = [fragments[photo] for photo in found.page.items if photo in fragments]
        following, preceding = map(self._link, (found.page.next, found.page.previous))
        body = b"" if all(fragment.counts_are_shared for fragment in shown) else _BLOCKS
        body += _GAP.join(_segments(shown, following, preceding))
        values = _leaf_values(fragments.values(), me)
        leaves = photo_cache.leaves_of((fragment.id for fragment in shown), me)
        if len(fragments) == len(found.authors):
            writer.store(FEED_JSON, self.key, body, dependencies + names, leaves, values)
        return self._shown(body, [values[name] for name in leaves])

    def _completed(self, lease: Lease, found: Entry) -> bytes:
        """Return a cached page; leaves that are missing are read. One query, or none.

        One more for callers with blocks.
        """
        me = self.caller.id
        shown = _ids_in(found.body)
        names = photo_cache.leaves_of(shown, me)
        if not found.tokens:
            return self._shown(found.body, _all_leaves(Writer(None), names, found, {}))
        writer = _writer_of_missing(lease, names, found)
        missing = list({shown[place % len(shown)] for place in found.tokens})
        visible = fast_reads.visible_photos(me, missing)
        shared = all(photo.counts_are_shared for photo in visible)
        if len(visible) < len(missing) or not (shared or found.body.startswith(_BLOCKS)):
            # A photo on it was deleted or hidden meanwhile, or the owner has a block now.
            return self._made(Writer(None))
        leaves = _all_leaves(writer, names, found, _leaf_values(visible, me))
        return self._shown(found.body, leaves)

    def _shown(self, body: bytes, leaves: Sequence[bytes]) -> bytes:
        """Return the page with the counts that its owner sees. No query; one if they block."""
        if not body.startswith(_BLOCKS):
            return _join(body, leaves)
        half = len(leaves) // 2
        photos = [
            VisiblePhoto(
                photo, (), *photo_cache.counts_in(counts), liked=False, counts_are_shared=False
            )
            for photo, counts in zip(_ids_in(body), leaves[:half], strict=True)
        ]
        seen = with_seen_counts(photos, self.caller.id)
        counts = [photo_cache.counts_value(photo.like_count, photo.comment_count) for photo in seen]
        return _join(body, [*counts, *leaves[half:]])

    def _link(self, neighbour: Cursor | None) -> bytes:
        address = f"{self.base}{_path()}?cursor={neighbour}{self.tail}"
        return orjson.dumps(neighbour and address)


@functools.cache
def _path() -> str:
    return reverse("api-feed")


def _account_entry(caller: Caller) -> tuple[Region, str]:
    return account_cache.ACCOUNT, account_cache.account_key(caller.id, caller.session)


def _is_authenticated(account: Entry, caller: Caller) -> bool:
    return account.state == HIT and account_cache.auth_version_in(account) == caller.version


def _writer_of_missing(lease: Lease, names: Sequence[str], found: Entry) -> Writer:
    """Return a writer for the missing leaves of ``found``; ``names`` are the names of all."""
    writer = Writer(lease)
    writer.record([names[place] for place in found.tokens], found.tokens.values())
    return writer


def _all_leaves(
    writer: Writer, names: Sequence[str], found: Entry, values: Mapping[str, bytes]
) -> list[bytes]:
    """Return the values of all leaves; missing ones come from ``values`` and are stored."""
    if found.tokens:
        gone = [names[place] for place in found.tokens]
        writer.store_all(FEED_JSON, [], {name: values[name] for name in gone})
    held = zip(names, found.leaves, strict=True)
    return [values[name] if value is None else value for name, value in held]


def _leaf_values(found: Iterable[Fragment | VisiblePhoto], viewer_id: int) -> dict[str, bytes]:
    """Return the values of the leaves of these photos, by name."""
    values = {}
    for photo in found:
        counts = photo_cache.counts_value(photo.like_count, photo.comment_count)
        values[photo_cache.counts_leaf(photo.id)] = counts
        values[photo_cache.liked_leaf(viewer_id, photo.id)] = photo_cache.liked_value(photo.liked)
    return values


def _segments(shown: Sequence[Fragment], following: bytes, preceding: bytes) -> list[bytes]:
    """Return the parts between the gaps; the first lists the ids of the photos."""
    head = b'{"next":%b,"previous":%b,"results":[' % (following, preceding)
    segments = [fragment.lasting + b"," for fragment in shown]
    opened = [head + (segments[0] if segments else b"")]
    opened += [b"}," + segment for segment in segments[1:]]
    identifiers = orjson.dumps([fragment.id for fragment in shown])
    return [identifiers, *opened, *([b"}]}"] if segments else [])]


def _ids_in(body: bytes) -> list[int]:
    return list(orjson.loads(body.partition(_GAP)[0].removeprefix(_BLOCKS)))


def _join(body: bytes, leaves: Sequence[bytes]) -> bytes:
    """Return the body: the parts, with counts and "liked by me" in the gaps."""
    _, *fragments = body.split(_GAP)
    if len(fragments) == 1:
        return fragments[0] + b"]}"
    half = len(leaves) // 2
    gaps = [b'%b,"liked":%b' % pair for pair in zip(leaves[:half], leaves[half:], strict=True)]
    return b"".join(chain.from_iterable(zip(fragments, [*gaps, b""], strict=True)))
