"""The answers of the fast path: a page of the home feed, one photo, looked up and else read.

``lookup`` finds a whole answer in one round trip to Redis, with the account behind the token. What
changes with every like is left out of cached bytes and filled in when they are sent: the counts
(shared by all viewers) and "liked by me" (the viewer's own) are leaves of the cache, so that a like
invalidates no page.

``read`` reads by the statements of ``fast_reads`` what ``lookup`` has not found, and stores it
where there is a cache. The photos of a page are known only once it is read; so what was read is
stored if none of it has changed meanwhile (``Writer.store_unchanged``), and nobody waits for that.
"""

from __future__ import annotations

import functools
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from itertools import chain

import orjson
from django.urls import reverse

from accounts import account_cache
from accounts.models import User
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
    lock_key,
    release_lock,
    require_changes_of,
    resolve,
)
from minigram_site.web.pagination import PAGE_SIZE, Cursor, parse_cursor
from photos import photo_cache
from photos.api import json_fragments
from photos.api.json_fragments import Fragment
from photos.cards import card_of, read_rows, with_seen_counts
from social import feed
from social.feed import cache, fast_reads, tagged
from social.feed.fast_reads import Caller, NotOnFastPath

# The query strings whose answers are cached: these parameters, in this order, and no other.
CACHED_QUERY = re.compile(r"(?:cursor=([np][0-9]{1,19}))?(?:(?:^|&)limit=([1-9]|[1-4][0-9]|50))?")
# Bytes that JSON never holds: where a photo's counts belong, and all of a page whose owner has a
# block, so that it is read for them each time.
_GAP = b"\0"
_BLOCKS = b"\1"
FEED_JSON = Region("feed")


class Answer(ABC):
    """An answer to a caller: looked up first, then read."""

    def __init__(self, caller: Caller, base: str) -> None:
        """Name the caller, and ``base``, the scheme and host that addresses begin with."""
        self.caller = caller
        self.base = base
        # What the lookup has found; ``None`` if the cache is not to be used.
        self.claimed: Claim | None = None

    @abstractmethod
    def lookup(self) -> bytes | None:
        """Return the body if all of it is cached, else ``None``. One round trip, no query."""

    @abstractmethod
    def read_uncached(self) -> bytes:
        """Return the body from the database; the statement checks the token.

        Raises ``NotOnFastPath``.
        """

    @abstractmethod
    def read_missing(self, claimed: Claim) -> bytes:
        """Return the body that the lookup has not found, and store it. Raises ``NotOnFastPath``."""

    def read(self) -> bytes:
        """Return the body that ``lookup`` has not found.

        Raises ``NotOnFastPath`` if the account does not confirm the token, or the caller may not
        see what was asked for.
        """
        if self.claimed is None and current_lease() is not None:
            fast_reads.authenticated_user(self.caller)
            if (body := self.lookup()) is not None:
                return body
        return self.read_uncached() if self.claimed is None else self.read_missing(self.claimed)

    def _claim(
        self, entries: Sequence[tuple[Region, str]], leaves: Sequence[str] = (), *, locks: bool
    ) -> list[Entry]:
        """Return what is cached of these entries and leaves; nothing unless the token is confirmed.

        One round trip.
        """
        self.claimed = None
        lease = current_lease()
        if lease is None:
            return []
        key = account_cache.account_key(self.caller.id, self.caller.session)
        claimed = claim(lease, [(account_cache.ACCOUNT, key), *entries], leaves, locks=locks)
        if claimed is None:
            return []
        account, *found = claimed.found
        if account.state == MISS or account_cache.auth_version_in(account) != self.caller.version:
            if claimed.locked:
                release_lock(lock_key(lease, *entries[-1]))
            return []
        account_cache.ACCOUNT.count("hit")
        self.claimed = claimed
        return found


class PhotoAnswer(Answer):
    """One photo, as an answer to ``GET photos/<id>/``."""

    def __init__(self, caller: Caller, photo_id: int, base: str) -> None:
        """Name the photo; nothing is looked up yet."""
        super().__init__(caller, base)
        self.photo_id = photo_id

    def lookup(self) -> bytes | None:
        """Return the body if all of it is cached, else ``None``. One round trip, no query."""
        me, photo = self.caller.id, self.photo_id
        entries = [(account_cache.BLOCKS, str(me)), (photo_cache.PHOTO, str(photo))]
        found = self._claim(entries, photo_cache.leaves_of([photo], me), locks=False)
        if not found:
            return None
        blocked, shared, asked = found
        whole = blocked.state == shared.state == HIT and asked.is_whole
        if not whole or not photo_cache.is_shared(shared) or account_cache.blocks_in(blocked):
            return None
        for region in (
            account_cache.BLOCKS,
            photo_cache.PHOTO,
            photo_cache.COUNTS,
            photo_cache.LIKED,
        ):
            region.count("hit")
        lasting = json_fragments.lasting_of_entry(shared.body, self.base)
        counts, liked = asked.leaves
        return b'%b,%b,"liked":%b}' % (lasting, counts or b"", liked or b"")

    def read_uncached(self) -> bytes:
        """Return the body from the database. One query, two for callers with blocks."""
        return self._body(fast_reads.current_photo(self.caller, self.photo_id, self.base))

    def read_missing(self, claimed: Claim) -> bytes:
        """Return the body, and store what was missing of it. One query.

        One more for callers with blocks, and where this process has not rendered the photo. Raises
        ``NotOnFastPath`` if the caller may not see it.
        """
        me, photo = self.caller.id, self.photo_id
        blocked, shared, asked = claimed.found[1:]
        writer = Writer(claimed.lease)
        writer.read_since(claimed.last_change)
        require_changes_of(photo_cache.names_of([photo], me))
        built: list[Built] = []
        shown: Fragment | None = None
        if shared.state == HIT:
            lasting = (
                json_fragments.lasting_of_entry(shared.body, self.base)
                if photo_cache.is_shared(shared)
                else b""
            )
            shown = fast_reads.photo(
                self.caller, photo, self.base, is_authenticated=True, lasting=lasting
            )
        elif rows := read_rows([photo], me):
            built = [photo_cache.built(rows[0])]
            shown = json_fragments.fragment_of_card(card_of(rows[0]), self.base)
        if shown is None:
            raise NotOnFastPath
        if blocked.state != HIT and shown.counts_are_shared:
            built.append(account_cache.no_blocks(me))
        photo_cache.PHOTO.count("hit" if shared.state == HIT else "miss")
        for region, leaf in zip((photo_cache.COUNTS, photo_cache.LIKED), asked.leaves, strict=True):
            region.count("hit" if leaf else "miss")
        names = photo_cache.leaves_of([photo], me)
        writer.store_unchanged(built, _missing(names, asked.leaves, _leaf_values([shown], me)))
        return self._body(shown)

    def _body(self, shown: Fragment | None) -> bytes:
        if shown is None:
            raise NotOnFastPath
        return bytes(with_seen_counts([shown], self.caller.id)[0].json())


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
        found = self._claim([(FEED_JSON, self.key)], locks=True)
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
        page = fast_reads.current_page(self.caller, self.cursor, self.size, self.base)
        return self._body(page.shown, page)

    def read_missing(self, claimed: Claim) -> bytes:
        """Return the body, and store it, or the leaves that it lacks. Queries as without a cache.

        One more for callers who follow somebody famous, and two for those who follow tags.
        """
        page = claimed.found[1]
        made: list[bytes] = []

        def build(writer: Writer) -> bytes:
            made.append(self._built(writer, claimed, None))
            return b""

        if page.state == MISS or claimed.locked:
            page = resolve(claimed, FEED_JSON, self.key, page, build)
            if made:
                return made[0]
            if page.is_whole and page.body != _BLOCKS:
                return _join(page)
        elif page.state == HIT:
            FEED_JSON.count("hit")
        return self._built(Writer(claimed.lease), claimed, page)

    def _built(self, writer: Writer, claimed: Claim, page: Entry | None) -> bytes:
        """Read the page and return it; stored is all of it, or what the cached ``page`` lacks."""
        me = self.caller.id
        writer.read_since(claimed.last_change)
        read = fast_reads.current_page(
            self.caller, self.cursor, self.size, self.base, is_authenticated=True
        )
        leaves = photo_cache.leaves_of((fragment.id for fragment in read.shown), me)
        values = _leaf_values(read.shown, me)
        if page is not None:
            known = page.leaves if len(page.leaves) == len(leaves) else []
            writer.store_unchanged([], _missing(leaves, known, values))
        elif read.authors is not None:
            # A photo of a famous author invalidates no feed: the page depends on theirs as well.
            stars = feed.famous_of(User(pk=me)) if read.merged else []
            tags = tagged.dependencies_of(me) if read.follows_tags else []
            dependencies = [
                *cache.feed_dependencies(me),
                *map(photo_cache.photos_dependency, stars),
                *tags,
                *photo_cache.dependencies_of(read.authors),
            ]
            body = _BLOCKS
            if all(fragment.counts_are_shared for fragment in read.shown):
                body = _GAP.join(self._segments(read))
            shown = leaves if body != _BLOCKS else []
            entry = Built(FEED_JSON, self.key, body, dependencies, shown)
            writer.store_unchanged([entry], values)
        return self._body(read.shown, read)

    def _body(self, shown: Sequence[Fragment], page: fast_reads.FeedPage) -> bytes:
        seen = with_seen_counts(shown, self.caller.id)
        photos = b",".join([fragment.json() for fragment in seen])
        return b'%b"results":[%b]}' % (self._head(page), photos)

    def _segments(self, page: fast_reads.FeedPage) -> list[bytes]:
        """Return the parts between the gaps; the first lists the ids of the photos."""
        head = self._head(page) + b'"results":['
        segments = [fragment.lasting + b"," for fragment in page.shown]
        opened = [head + (segments[0] if segments else b"")]
        opened += [b"}," + segment for segment in segments[1:]]
        identifiers = orjson.dumps([fragment.id for fragment in page.shown])
        return [identifiers, *opened, *([b"}]}"] if segments else [])]

    def _head(self, page: fast_reads.FeedPage) -> bytes:
        return b'{"next":%b,"previous":%b,' % (self._link(page.next), self._link(page.previous))

    def _link(self, neighbour: Cursor | None) -> bytes:
        address = f"{self.base}{_path()}?cursor={neighbour}{self.tail}"
        return orjson.dumps(neighbour and address)


@functools.cache
def _path() -> str:
    return reverse("api-feed")


def _missing(
    names: Sequence[str], found: Sequence[bytes | None], values: dict[str, bytes]
) -> dict[str, bytes]:
    """Return the values of those leaves that were not found."""
    return {name: values[name] for name, leaf in zip(names, found, strict=False) if leaf is None}


def _leaf_values(found: Iterable[Fragment], viewer_id: int) -> dict[str, bytes]:
    """Return the values of the leaves of these photos, by name: all counts, then all likes."""
    photos = list(found)
    counts = {
        photo_cache.counts_leaf(photo.id): photo_cache.counts_value(
            photo.like_count, photo.comment_count
        )
        for photo in photos
    }
    return counts | {
        photo_cache.liked_leaf(viewer_id, photo.id): photo_cache.liked_value(photo.liked)
        for photo in photos
    }


def _join(page: Entry) -> bytes:
    """Return the body: the parts, with counts and "liked by me" in the gaps."""
    _, *fragments = page.body.split(_GAP)
    if len(fragments) == 1:
        return fragments[0] + b"]}"
    leaves = [leaf for leaf in page.leaves if leaf is not None]
    half = len(leaves) // 2
    pairs = zip(leaves[:half], leaves[half:], strict=True)
    gaps = [b'%b,"liked":%b' % pair for pair in pairs]
    return b"".join(chain.from_iterable(zip(fragments, [*gaps, b""], strict=True)))
