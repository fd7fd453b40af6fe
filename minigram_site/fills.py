"""What is noted while an answer is made from the database, so that it can be kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from django.conf import settings

from minigram_site import current, replicas, routers, trust, versions
from minigram_site.entries import KEEP, Kind, entry_key, spread
from minigram_site.redis_server import Unreachable
from minigram_site.trust import Reading
from minigram_site.versions import TOKEN, key_of

# More than any position: only the primary has replayed that far.
_PRIMARY_ONLY = 2**62
# Seconds that the value of a leaf lives.
LEAF = 60


class Fill:
    """What is noted while an answer is made from the database, so that it can be kept.

    ``depends`` comes before the SQL that reads the things; afterwards ``keep``.
    """

    def __init__(self, reading: Reading | None) -> None:
        """Begin; without a reading nothing will be kept, and nothing costs anything."""
        self.reading = reading
        self.versions: dict[str, bytes] = {}

    def depends(self, *names: str) -> None:
        """Note the versions of these things, leaves included, and read where they are known.

        One round trip.
        """
        if self.reading is None:
            return
        try:
            found = versions.capture(self.reading.generation, names)
        except Unreachable:
            self.reading = None
            return
        self.versions.update(zip(names, found, strict=True))
        for version in found:
            if not versions.is_pending(version):
                position = versions.position_of(version, self.reading)
                routers.require(_PRIMARY_ONLY if position is None else position)
        if _reads_are_behind():
            self.reading = None

    def keep(
        self, kind: Kind, key: str, body: bytes, needs: Iterable[str],
        leaves: Sequence[str] = (), values: Mapping[str, bytes] | None = None,
    ) -> None:  # fmt: skip
        """Keep an answer that depends on ``needs`` and shows ``leaves``; ``values`` are leaves'.

        Not if one of them was changing when it was noted. One round trip.
        """
        needs = list(needs)
        if not self._holds(needs):
            return
        assert self.reading is not None  # noqa: S101
        generation = self.reading.generation
        slide = spread(kind.hard)
        self._send(
            entry_key(generation, kind, key),
            [
                orjson.dumps([key_of(generation, name) for name in needs]),
                b"".join(self.versions[name][:TOKEN] for name in needs),
                orjson.dumps([key_of(generation, name) for name in leaves]) if leaves else b"",
                body,
                spread(kind.soft),
                slide,
                slide if kind.sliding else b"",
            ],
            values or {},
        )

    def keep_leaves(self, values: Mapping[str, bytes]) -> None:
        """Keep the values of leaves that were noted. One round trip."""
        if self._holds(()) and values:
            self._send("-", [b""] * 7, values)

    def _holds(self, needs: Iterable[str]) -> bool:
        if self.reading is None or not self.reading.usable():
            return False
        return not any(versions.is_pending(self.versions[name]) for name in needs)

    def _send(self, key: str, arguments: list[Any], values: Mapping[str, bytes]) -> None:
        assert self.reading is not None  # noqa: S101
        noted = {n: v for n, v in values.items() if not versions.is_pending(self.versions[n])}
        keys = [key, *(key_of(self.reading.generation, name) for name in noted)]
        for name, value in noted.items():
            arguments += [self.versions[name][:TOKEN], value]
        arguments.insert(7, spread(LEAF))
        try:
            KEEP(keys, *arguments)
        except Unreachable:
            self.reading = None


def _reads_are_behind() -> bool:
    """Tell whether reads go to a replica that is behind, as they do while the primary is gone."""
    if not settings.REPLICAS:
        return False
    alias = routers.read_alias()
    if alias == trust.PRIMARY:
        return False
    return replicas.watch().standing.servers[alias].position < current.work().position
