"""One photo as an answer of the fast path."""

from __future__ import annotations

from accounts import account_cache
from minigram_site.cache import HIT, Built, Claim, Writer, require_changes_of
from photos import photo_cache
from photos.api import json_fragments
from photos.api.json_fragments import Fragment
from photos.cards import card_of, read_rows, with_seen_counts
from photos.conversation import like_cache
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
        entries = [
            (account_cache.BLOCKS, str(me)),
            (like_cache.LIKES, str(me)),
            (photo_cache.PHOTO, str(photo)),
        ]
        found = self._claim(entries, [photo_cache.counts_leaf(photo)])
        if not found:
            return None
        blocked, likes, shared, asked = found
        whole = blocked.state == likes.state == shared.state == HIT and asked.is_whole
        if not whole or not photo_cache.is_shared(shared) or account_cache.blocks_in(blocked):
            return None
        if (liked := like_cache.is_liked(likes.body, photo)) is None:
            return None
        for region in (
            account_cache.BLOCKS,
            like_cache.LIKES,
            photo_cache.PHOTO,
            photo_cache.COUNTS,
        ):
            region.count("hit")
        lasting = json_fragments.lasting_of_entry(shared.body, self.base)
        counts = asked.leaves[0] or b""
        return b'%b,%b,"liked":%b}' % (lasting, counts, photo_cache.liked_value(liked))

    def read_uncached(self) -> bytes:
        """Return the body from the database. One query, two for callers with blocks."""
        return self._body(fast_reads.current_photo(self.caller, self.photo_id, self.base))

    def read_missing(self, claimed: Claim) -> bytes:
        """Return the body, and store what was missing of it. One query.

        One more for callers with blocks, for those whose likes are not cached, and where this
        process has not rendered the photo. Raises ``NotOnFastPath`` if the caller may not see it.
        """
        me, photo = self.caller.id, self.photo_id
        blocked, likes, shared, asked = claimed.found[1:]
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
        if likes.state != HIT:
            built.append(like_cache.built(me))
        photo_cache.PHOTO.count("hit" if shared.state == HIT else "miss")
        photo_cache.COUNTS.count("hit" if asked.is_whole else "miss")
        like_cache.LIKES.count("hit" if likes.state == HIT else "miss")
        values = count_values([shown])
        writer.store_unchanged(built, missing(list(values), asked.leaves, values))
        return self._body(shown)

    def _body(self, shown: Fragment | None) -> bytes:
        if shown is None:
            raise NotOnFastPath
        return bytes(with_seen_counts([shown], self.caller.id)[0].json())
