"""A page of the home feed as an answer of the fast path."""

from __future__ import annotations

import functools
import re
from itertools import chain

import orjson
from django.urls import reverse

from accounts import account_cache
from accounts.models import User
from minigram_site.cache import (
    HIT,
    LOCK_TTL_MS,
    MISS,
    Built,
    Claim,
    Entry,
    Region,
    Writer,
    lock_key,
    resolve,
)
from minigram_site.web.pagination import PAGE_SIZE, Cursor, parse_cursor
from photos import photo_cache
from photos.cards import with_seen_counts
from social import feed
from social.feed import cache, fast_reads, tagged
from social.feed.fast_cache import Answer, count_values, missing
from social.feed.fast_reads import Caller

# The query strings whose answers are cached: these parameters, in this order, and no other.
CACHED_QUERY = re.compile(r"(?:cursor=([np][0-9]{1,19}))?(?:(?:^|&)limit=([1-9]|[1-4][0-9]|50))?")
# Bytes that JSON never holds: where a photo's counts belong, and all of a page whose owner has a
# block, so that it is read for them each time.
_GAP = b"\0"
_BLOCKS = b"\1"
FEED_JSON = Region("feed")
# Most pages below the first nobody asks for a second time: the first page ends elsewhere by then.
# So who asks for one first stores nothing, and leaves its lock behind, for so many milliseconds;
# who finds that stores the page.
_ASKED_MS = 300_000


class FeedAnswer(Answer):
    """One page of a home feed, as an answer to ``GET feed/``.

    ``cursor`` and ``limit`` are the texts in the query string, empty where there are none.
    """

    def __init__(self, caller: Caller, cursor: str, limit: str, base: str) -> None:
        """Name the page; nothing is looked up yet. ``InvalidCursor`` for a number past 64 bits."""
        super().__init__(caller, base)
        self.cursor = parse_cursor(cursor)
        self.size = int(limit) if limit else PAGE_SIZE
        self.tail = f"&limit={limit}" if limit else ""
        self.key = cache.ready_key(caller.id, cursor, limit, base)

    def lookup(self) -> bytes | None:
        """Return the body if all of it is cached, else ``None``. One round trip, no query."""
        lock_ms = _ASKED_MS if self.cursor else LOCK_TTL_MS
        found = self._claim([(FEED_JSON, self.key)], lock_ms=lock_ms)
        # The holder of the lock rebuilds a stale page; the others get the stale one.
        if not found or self.claimed is None or self.claimed.locked:
            return None
        page = found[0]
        if not page.is_whole or page.body == _BLOCKS:
            return None
        FEED_JSON.count("hit" if page.state == HIT else "stale")
        return _join(page)

    def read_uncached(self) -> bytes:
        """Return the body from the database. One query, two below the stored part of the feed.

        One more for callers with blocks; the page is read again where it has changed meanwhile.
        """
        return self._body(fast_reads.current_page(self.caller, self.cursor, self.size, self.base))

    def read_missing(self, claimed: Claim) -> bytes:
        """Return the body, and store it, or the leaves that it lacks. Queries as without a cache.

        One more for callers who follow somebody famous, and two for those who follow tags.
        """
        page = claimed.found[1]
        if page.state == MISS and self.cursor:
            return self._read_below(claimed)
        made: list[bytes] = []

        def build(writer: Writer) -> bytes:
            read = self._read(writer, claimed)
            self._store_page(writer, read)
            made.append(self._body(read))
            return b""

        if page.state == MISS or claimed.locked:
            page = resolve(claimed, FEED_JSON, self.key, page, build)
            if made:
                return made[0]
            if page.is_whole and page.body != _BLOCKS:
                return _join(page)
        elif page.state == HIT:
            FEED_JSON.count("hit")
        writer = Writer(claimed.lease)
        read = self._read(writer, claimed)
        self._store_leaves(writer, read, page)
        return self._body(read)

    def _read_below(self, claimed: Claim) -> bytes:
        """Return a page below the first, and store it if somebody has asked for it before."""
        FEED_JSON.count("miss")
        lock = lock_key(claimed.lease, FEED_JSON, self.key)
        writer = Writer(claimed.lease, "" if claimed.locked else lock)
        read = self._read(writer, claimed)
        if not claimed.locked:
            self._store_page(writer, read)
        return self._body(read)

    def _read(self, writer: Writer, claimed: Claim) -> fast_reads.FeedPage:
        """Read the page from a server that has all changes before the lookup."""
        writer.read_since(claimed.last_change)
        return fast_reads.current_page(
            self.caller, self.cursor, self.size, self.base, is_authenticated=True
        )

    def _store_leaves(self, writer: Writer, read: fast_reads.FeedPage, page: Entry) -> None:
        """Store the leaves that the cached ``page`` lacks."""
        values = count_values(read.shown)
        known = page.leaves if len(page.leaves) == len(values) else []
        writer.store_unchanged([], missing(list(values), known, values))

    def _store_page(self, writer: Writer, read: fast_reads.FeedPage) -> None:
        """Store the page with its leaves, unless it may change without a dependency of it."""
        if not read.is_whole:
            return
        me = self.caller.id
        # A photo of a famous author invalidates no feed: the page depends on theirs as well.
        stars = feed.famous_of(User(pk=me)) if read.merged else []
        tags = tagged.dependencies_of(me) if read.follows_tags else []
        dependencies = [
            *cache.feed_dependencies(me),
            *map(photo_cache.photos_dependency, stars),
            *tags,
            *map(account_cache.shown_dependency, read.authors),
        ]
        body, shown = _BLOCKS, list[str]()
        values = count_values(read.shown)
        if all(fragment.counts_are_shared for fragment in read.shown):
            body, shown = _GAP.join(self._segments(read)), list(values)
        entry = Built(FEED_JSON, self.key, body, dependencies, shown, read.seconds_left)
        writer.store_unchanged([entry], values)

    def _body(self, page: fast_reads.FeedPage) -> bytes:
        seen = with_seen_counts(page.shown, self.caller.id)
        photos = b",".join([fragment.json() for fragment in seen])
        return b'%b"results":[%b]}' % (self._head(page), photos)

    def _segments(self, page: fast_reads.FeedPage) -> list[bytes]:
        """Return the parts between the gaps: one more than there are photos."""
        before, segments = self._head(page) + b'"results":[', []
        for fragment in page.shown:
            segments.append(before + fragment.lasting + b",")
            before = b',"liked":%b},' % photo_cache.liked_value(fragment.liked)
        return [*segments, before[:-1] + b"]}" if segments else before + b"]}"]

    def _head(self, page: fast_reads.FeedPage) -> bytes:
        return b'{"next":%b,"previous":%b,' % (self._link(page.next), self._link(page.previous))

    def _link(self, neighbour: Cursor | None) -> bytes:
        address = f"{self.base}{_path()}?cursor={neighbour}{self.tail}"
        return orjson.dumps(neighbour and address)


@functools.cache
def _path() -> str:
    return reverse("api-feed")


def _join(page: Entry) -> bytes:
    """Return the body of a page that is whole: the parts, with the counts in the gaps."""
    parts = page.body.split(_GAP)
    counts = [leaf or b"" for leaf in page.leaves]
    return b"".join(chain.from_iterable(zip(parts, [*counts, b""], strict=True)))
