"""One photo as an answer of the fast path."""

from __future__ import annotations

from accounts import account_cache
from minigram_site.cache import HIT, Built, Claim, Writer, require_changes_of
from photos import photo_cache
from photos.api import json_fragments
from photos.api.json_fragments import Fragment
from photos.cards import card_of, read_rows, with_seen_counts
from social.feed import fast_reads
from social.feed.fast_cache import Answer, count_values, missing
from social.feed.fast_reads import Caller, NotOnFastPath


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
        found = self._claim(entries, photo_cache.leaves_of([photo], me))
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
        values = count_values([shown])
        values[photo_cache.liked_leaf(me, photo)] = photo_cache.liked_value(shown.liked)
        writer.store_unchanged(built, missing(list(values), asked.leaves, values))
        return self._body(shown)

    def _body(self, shown: Fragment | None) -> bytes:
        if shown is None:
            raise NotOnFastPath
        return bytes(with_seen_counts([shown], self.caller.id)[0].json())
