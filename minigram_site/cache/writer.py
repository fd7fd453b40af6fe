"""What is noted while an answer is made from the database, so that it can be kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from django.conf import settings

from minigram_site.cache import invalidation, lease
from minigram_site.cache.invalidation import TOKEN, key_of
from minigram_site.cache.lease import Reading
from minigram_site.cache.store import KEEP, Kind, entry_key, spread, unlock
from minigram_site.db import context, monitor, router
from minigram_site.redis.client import Unreachable

# More than any position: only the primary has replayed that far.
_PRIMARY_ONLY = 2**62
# Seconds that the value of a leaf lives: as long as an entry that shows it.
LEAF = 300
Call = tuple[list[str], list[Any]]


class Fill:
    """What is noted while an answer is made from the database, so that it can be kept.

    ``depends`` comes before the SQL that reads the things; afterwards ``keep``.
    """

    def __init__(self, reading: Reading | None, lock: str = "") -> None:
        """Begin; without a reading nothing will be kept, and nothing costs anything.

        ``lock`` is the key of a lock that is given back with what is kept.
        """
        self.reading = reading
        self.versions: dict[str, bytes] = {}
        self._lock = lock

    def depends(self, *names: str) -> None:
        """Note the versions of these things, leaves included, and read where they are known.

        One round trip.
        """
        if self.reading is None:
            return
        try:
            found = invalidation.capture(self.reading.generation, names)
        except Unreachable:
            self.reading = None
            return
        self.note(names, found)

    def note(self, names: Iterable[str], found: Iterable[bytes]) -> None:
        """Do the same with versions that were claimed already. No round trip."""
        if self.reading is None:
            return
        noted = dict(zip(names, found, strict=True))
        self.versions.update(noted)
        position = invalidation.position_of(noted.values(), self.reading)
        router.require(_PRIMARY_ONLY if position is None else position)
        if _reads_are_behind():
            self.reading = None

    def keep(
        self, kind: Kind, key: str, body: bytes, needs: Iterable[str],
        leaves: Sequence[str] = (), values: Mapping[str, bytes] | None = None,
    ) -> None:  # fmt: skip
        """Keep an answer that depends on ``needs`` and shows ``leaves``; ``values`` are leaves'.

        Not if one of them was changing when it was noted. Nobody waits for it: no round trip.
        """
        self.keep_all(kind, [(key, body, list(needs), leaves)], values or {})

    def keep_all(
        self,
        kind: Kind,
        answers: Iterable[tuple[str, bytes, Sequence[str], Sequence[str]]],
        values: Mapping[str, bytes],
    ) -> None:
        """Keep several: key, bytes, dependencies and leaves of each. No round trip."""
        reading = self.reading
        if reading is None or not reading.usable():
            return
        calls = [
            self._entry(reading, kind, key, body, needs, leaves)
            for key, body, needs, leaves in answers
            if not any(map(self._is_pending, needs))
        ]
        noted = {name: value for name, value in values.items() if self._is_wanted(name)}
        if noted:
            calls.append(self._values(reading, noted))
        lock, self._lock = self._lock, ""
        try:
            KEEP.tell(calls, *([("DEL", lock)] if lock else []))
        except Unreachable:
            self.reading = None

    def release(self) -> None:
        """Give the lock back if nothing was kept. No round trip."""
        lock, self._lock = self._lock, ""
        if lock:
            unlock(lock)

    def _entry(
        self, reading: Reading, kind: Kind, key: str, body: bytes, needs: Sequence[str],
        leaves: Sequence[str],
    ) -> Call:  # fmt: skip
        names = [key_of(reading.generation, name) for name in needs]
        shown = [key_of(reading.generation, name) for name in leaves]
        tokens = b"".join(self.versions[name][:TOKEN] for name in needs)
        hard = spread(kind.hard)
        return [entry_key(reading.generation, kind, key)], [
            orjson.dumps(names), tokens, orjson.dumps(shown) if shown else b"", body,
            spread(kind.soft), hard, hard if kind.sliding else b"", 0,
        ]  # fmt: skip

    def _values(self, reading: Reading, values: Mapping[str, bytes]) -> Call:
        keys = ["-", *(key_of(reading.generation, name) for name in values)]
        pairs = [part for name in values for part in (self.versions[name][:TOKEN], values[name])]
        return keys, [*[b""] * 7, spread(LEAF), *pairs]

    def _is_pending(self, name: str) -> bool:
        return invalidation.is_pending(self.versions[name])

    def _is_wanted(self, name: str) -> bool:
        """Tell whether a leaf's value is to be kept: it is settled, and not known already."""
        version = self.versions[name]
        return not invalidation.is_pending(version) and b" " not in version


def _reads_are_behind() -> bool:
    """Tell whether reads go to a replica that is behind, as they do while the primary is gone."""
    if not settings.REPLICAS:
        return False
    alias = router.read_alias()
    if alias == lease.PRIMARY:
        return False
    return monitor.watch().standing.servers[alias].position < context.work().position
