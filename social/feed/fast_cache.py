"""The answers of the fast path: looked up first, and else read.

``lookup`` finds a whole answer in one round trip to Redis, with the account behind the token. What
changes with every like is left out of cached bytes and filled in when they are sent: the counts are
leaves of the cache, so that a like invalidates no page but those of who likes.

``read`` reads by the statements of ``fast_reads`` what ``lookup`` has not found, and stores it
where there is a cache. The photos of a page are known only once it is read; so what was read is
stored if none of it has changed meanwhile (``Writer.store_unchanged``), and nobody waits for that.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

from accounts import account_cache
from minigram_site.cache import (
    MISS,
    Claim,
    Entry,
    Region,
    claim,
    current_lease,
    lock_key,
    release_lock,
)
from photos import photo_cache
from photos.api.json_fragments import Fragment
from social.feed import fast_reads
from social.feed.fast_reads import Caller


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
            fast_reads.require_account(self.caller)
            if (body := self.lookup()) is not None:
                return body
        return self.read_uncached() if self.claimed is None else self.read_missing(self.claimed)

    def _claim(
        self, entries: Sequence[tuple[Region, str]], leaves: Sequence[str] = (), *, lock_ms: int = 0
    ) -> list[Entry]:
        """Return what is cached of these entries and leaves; nothing unless the token is confirmed.

        With ``lock_ms`` the stampede lock of the last entry is taken for so many milliseconds at
        most, as ``claim`` does. One round trip.
        """
        self.claimed = None
        lease = current_lease()
        if lease is None:
            return []
        key = account_cache.account_key(self.caller.id, self.caller.session)
        claimed = claim(
            lease,
            [(account_cache.ACCOUNT, key), *entries],
            leaves,
            locks=lock_ms > 0,
            lock_ms=lock_ms,
        )
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


def missing(
    names: Sequence[str], found: Sequence[bytes | None], values: dict[str, bytes]
) -> dict[str, bytes]:
    """Return the values of those leaves that were not found."""
    return {name: values[name] for name, leaf in zip(names, found, strict=False) if leaf is None}


def count_values(found: Iterable[Fragment]) -> dict[str, bytes]:
    """Return the values of the leaves with the counts of these photos, by name."""
    return {
        photo_cache.counts_leaf(photo.id): photo_cache.counts_value(
            photo.like_count, photo.comment_count
        )
        for photo in found
    }
