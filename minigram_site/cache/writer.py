"""Building an entry: which dependencies it has, which server to read from, and its storage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import orjson
from django.db import connection

from minigram_site.cache import invalidation, near_cache
from minigram_site.cache.invalidation import (
    LAST_CHANGE,
    PENDING_TTL_MS,
    TOKEN_TTL_MS,
    redis_key,
)
from minigram_site.cache.lease import Lease
from minigram_site.cache.scripts import (
    STORE_ENTRY,
    STORE_LEAVES,
    STORE_UNCHANGED,
    TOKEN_LENGTH,
)
from minigram_site.cache.store import Region, entry_key, jittered, release_lock
from minigram_site.db import router
from minigram_site.db.context import current_context
from minigram_site.redis import client
from minigram_site.redis.client import Argument, Command, Unreachable

# More than any LSN: only the primary has got there.
_PRIMARY_ONLY = 2**62
# Seconds that the value of a leaf lives: as long as an entry that shows it.
LEAF_TTL = 300


class Built(NamedTuple):
    """An entry that was built: where it belongs, its body, what it depends on, what it shows.

    ``seconds_left``: after so many it is not true any more, by the clock alone.
    """

    region: Region
    key: str
    body: bytes
    dependencies: Sequence[str]
    leaves: Sequence[str] = ()
    seconds_left: float | None = None


class Writer:
    """Records dependencies while a build function reads the database, and stores what it built.

    ``depends_on`` comes before the SQL that reads what the names stand for, ``store`` after it.
    """

    def __init__(self, lease: Lease | None, lock: str = "") -> None:
        """Begin; without a lease nothing is stored, and no call costs a round trip.

        ``lock`` is the key of a stampede lock, which is freed with what is stored.
        """
        self.lease = lease
        # Of each dependency, the value that its key had before the database was read.
        self.tokens: dict[str, bytes] = {}
        self._lock = lock

    def depends_on(self, *dependencies: str) -> None:
        """Capture the tokens of these dependencies, leaves included. One round trip.

        From now on the request reads from a server that has what their last changes committed;
        ``minigram_site.db.lsn`` tells that without a lease, and of changes that are pending.
        """
        if self.lease is not None:
            try:
                values = invalidation.capture_tokens(self.lease.generation, dependencies)
            except Unreachable:
                self.lease = None
            else:
                self._record(dependencies, values)
                # A mark stands until its end has come, and tells no LSN.
                dependencies = tuple(name for name in dependencies if self._is_pending(name))
        router.require_changes_of(dependencies)

    def read_since(self, last_change: bytes) -> None:
        """Begin to read what is not known yet, ``last_change`` being that of a claim.

        ``store_unchanged`` then stores it. From now on the request reads from a server that has all
        changes up to that one. One that is acknowledged, but still pending in Redis, is not among
        them: ``require_changes_of`` tells of that. No round trip.
        """
        self._record([LAST_CHANGE], [last_change])

    def _record(self, dependencies: Iterable[str], values: Iterable[bytes]) -> None:
        if self.lease is None:
            return
        captured = dict(zip(dependencies, values, strict=True))
        self.tokens.update(captured)
        required = invalidation.required_lsn(captured.values(), self.lease)
        router.require_lsn(_PRIMARY_ONLY if required is None else required)
        if router.reads_are_behind():
            self.lease = None

    def store(
        self,
        region: Region,
        key: str,
        body: bytes,
        dependencies: Iterable[str],
        leaves: Sequence[str] = (),
        values: Mapping[str, bytes] | None = None,
    ) -> None:
        """Store an entry that depends on ``dependencies`` and shows ``leaves``.

        ``values`` of leaves, by name, are stored with it. Nothing is stored if a change of one
        of its dependencies was pending. No round trip: no answer is awaited. Raises ``KeyError``
        for a dependency whose token was not captured.
        """
        self.store_all(region, [(key, body, list(dependencies), leaves)], values or {})

    def store_all(
        self,
        region: Region,
        entries: Iterable[tuple[str, bytes, Sequence[str], Sequence[str]]],
        values: Mapping[str, bytes],
    ) -> None:
        """Store several entries (key, body, dependencies and leaves of each), and leaf ``values``.

        Nothing inside a transaction, which may have read what it has written and not committed.
        No round trip. Raises ``KeyError`` for a dependency whose token was not captured.
        """
        lease = self._usable_lease()
        if lease is None:
            return
        commands = [
            self._store_entry(lease, region, key, body, dependencies, leaves)
            for key, body, dependencies, leaves in entries
            if not any(map(self._is_pending, dependencies))
        ]
        wanted = {name: value for name, value in values.items() if self._is_wanted(name)}
        if wanted:
            commands.append(self._store_leaves(lease, wanted))
        self._send(commands)

    def store_unchanged(self, built: Iterable[Built], values: Mapping[str, bytes]) -> None:
        """Store entries, and the values of leaves by name, that were read after ``read_since``.

        Not stored is what a change that is pending, or has ended since then, concerns: their
        dependencies were not known before they were read. Nothing where Redis cannot tell what has
        changed, and nothing inside a transaction. No round trip.
        """
        lease = self._usable_lease()
        if lease is None or not lease.redis_time:
            return
        head: list[Argument] = [self._token(LAST_CHANGE), lease.redis_time + PENDING_TTL_MS // 2]
        head += [invalidation.new_token(), TOKEN_TTL_MS, jittered(LEAF_TTL)]
        last_change = redis_key(lease.generation, LAST_CHANGE)
        commands = []
        for entry in built:
            keys = [last_change, entry_key(lease.generation, entry.region, entry.key)]
            filled = _keys(lease, values)
            shown = filled if list(values) == entry.leaves else _keys(lease, entry.leaves)
            parts: list[Argument] = [
                filled,
                _keys(lease, entry.dependencies),
                shown if entry.leaves else b"",
                entry.body,
                *_times(entry),
            ]
            commands.append(STORE_UNCHANGED.command(keys, *head, *parts, *values.values()))
            values = {}
        if values:
            nothing = [b""] * 5
            keys = [last_change, last_change]
            known = values.values()
            commands.append(
                STORE_UNCHANGED.command(keys, *head, _keys(lease, values), *nothing, *known)
            )
        self._send(commands)

    def _usable_lease(self) -> Lease | None:
        """Return the lease if something may be stored now.

        Not in a transaction, which may have read what it has written and not committed, nor where
        the primary was lost after the tokens were captured.
        """
        lease = self.lease
        if lease is None or not lease.is_usable() or connection.in_atomic_block:
            return None
        return None if current_context().is_behind else lease

    def _send(self, commands: list[Command]) -> None:
        lock, self._lock = self._lock, ""
        if lock:
            commands.append(("DEL", lock))
        try:
            client.send(commands)
        except Unreachable:
            self.lease = None

    def release(self) -> None:
        """Free the stampede lock if nothing was stored. No round trip."""
        lock, self._lock = self._lock, ""
        if lock:
            release_lock(lock)

    def _store_entry(
        self,
        lease: Lease,
        region: Region,
        key: str,
        body: bytes,
        dependencies: Sequence[str],
        leaves: Sequence[str],
    ) -> Command:
        name = entry_key(lease.generation, region, key)
        depended_on = _keys(lease, dependencies)
        tokens = b"".join(map(self._token, dependencies))
        shown = _keys(lease, leaves) if leaves else b""
        soft_ttl = jittered(region.soft_ttl)
        near_cache.keep(name, near_cache.copy_of(soft_ttl, body, depended_on, tokens, shown))
        return STORE_ENTRY.command(
            [name],
            depended_on,
            tokens,
            shown,
            body,
            soft_ttl,
            jittered(region.hard_ttl),
        )

    def _store_leaves(self, lease: Lease, values: Mapping[str, bytes]) -> Command:
        keys = [redis_key(lease.generation, name) for name in values]
        pairs = [part for name in values for part in (self._token(name), values[name])]
        return STORE_LEAVES.command(keys, jittered(LEAF_TTL), *pairs)

    def _token(self, dependency: str) -> bytes:
        return self.tokens[dependency][:TOKEN_LENGTH]

    def _is_pending(self, dependency: str) -> bool:
        return invalidation.is_pending(self.tokens[dependency])

    def _is_wanted(self, leaf: str) -> bool:
        """Tell whether to store a leaf's value: no change is pending, and Redis has no value."""
        value = self.tokens[leaf]
        return not invalidation.is_pending(value) and b" " not in value


def _times(entry: Built) -> tuple[int, int, int | bytes]:
    """Return the soft and the hard TTL, and the one that each use renews, in milliseconds."""
    soft_ttl, hard_ttl = jittered(entry.region.soft_ttl), jittered(entry.region.hard_ttl)
    if entry.seconds_left is None:
        return soft_ttl, hard_ttl, hard_ttl if entry.region.sliding else b""
    left = max(0, int(entry.seconds_left * 1000))
    return min(soft_ttl, left), min(hard_ttl, left), b""


def _keys(lease: Lease, names: Iterable[str]) -> bytes:
    """Return the keys of these names, as JSON."""
    return orjson.dumps([redis_key(lease.generation, name) for name in names])
