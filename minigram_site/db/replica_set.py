"""How the servers of the database stand, judged from what looks at them have found.

Pure bookkeeping: ``minigram_site.db.monitor`` looks, this decides. Lag is measured in bytes of the
write-ahead log and in seconds, both by positions that the primary was seen at: the time that a
replica names itself (of the last commit it replayed) says "an hour" about a replica that is
level with a primary where nothing was written for an hour.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from itertools import count

from django.db import DEFAULT_DB_ALIAS

MAX_LAG_BYTES = 16 * 1024 * 1024
MAX_LAG_SECONDS = 10.0
# A look older than this says nothing any more: the server, or the one who looks, hangs.
VALID_SECONDS = 2.0
# Looks in a row until a server is used (again), and until the primary counts as gone. For a
# replica one that fails is enough: others can answer. For the primary none can without doubt.
GOOD_LOOKS = 2
BAD_LOOKS = {DEFAULT_DB_ALIAS: 2}


@dataclass(frozen=True, slots=True)
class Observation:
    """What a server said of itself."""

    # Whether it replays another's log; a primary does not, nor a replica that was promoted.
    is_replica: bool
    # Replayed (replica) or inserted (primary).
    position: int
    # Seconds since the commit that was replayed last, by the clocks of the servers.
    age: float | None = None


@dataclass(slots=True)
class Server:
    """What is known of one server."""

    alias: str
    up: bool = False
    good: int = 0
    bad: int = 0
    seen: float = float("-inf")
    position: int = 0
    lag_bytes: int = 0
    lag_seconds: float = 0.0
    # Why it is not used, for people.
    note: str = "not seen yet"

    def succeeded(self, now: float, position: int) -> None:
        """Count a good look."""
        self.seen, self.position = now, position
        self.good, self.bad, self.note = self.good + 1, 0, ""
        self.up = self.up or self.good >= GOOD_LOOKS

    def failed(self, note: str, *, at_once: bool = False) -> None:
        """Count a bad look; ``at_once`` means that there is no doubt."""
        self.good, self.bad, self.note = 0, self.bad + 1, note
        if at_once or self.bad >= BAD_LOOKS.get(self.alias, 1):
            self.up = False

    def is_available(self, now: float) -> bool:
        """Tell whether the server answers by what is known now."""
        return self.up and now - self.seen < VALID_SECONDS


def _mixed(person: int) -> int:
    """Return a number whose remainders are even for ids that are not: made together, in steps.

    Fibonacci hashing (Knuth, The Art of Computer Programming, volume 3, 6.4): the upper half of
    the product with 2^64 divided by the golden ratio.
    """
    return (person * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF) >> 32


class ReplicaSet:
    """The primary and its replicas. Threads may report and ask at once."""

    def __init__(self, replicas: Collection[str]) -> None:
        """Start with servers of which nothing is known: reads go to the primary until then."""
        self.servers = {alias: Server(alias) for alias in (DEFAULT_DB_ALIAS, *replicas)}
        self.replicas = [self.servers[alias] for alias in replicas]
        # (time, position) of the primary, whenever it had moved.
        self._history: deque[tuple[float, int]] = deque()
        self._turn = count()

    def report(self, alias: str, look: Observation, now: float) -> None:
        """Take in what a look at a server has found."""
        if alias == DEFAULT_DB_ALIAS:
            self._report_primary(look, now)
            return
        server = self.servers[alias]
        if not look.is_replica:
            server.failed("it is a replica no longer", at_once=True)
            return
        server.lag_bytes = max(0, self.servers[DEFAULT_DB_ALIAS].position - look.position)
        server.lag_seconds = self._lag_seconds(look, now)
        if server.lag_bytes > MAX_LAG_BYTES or server.lag_seconds > MAX_LAG_SECONDS:
            # Where it stands is still true: it may be asked for what is older.
            server.seen, server.position = now, look.position
            server.failed("it lags", at_once=True)
            return
        server.succeeded(now, look.position)

    def failed(self, alias: str, note: str, *, at_once: bool = False) -> None:
        """Take in that a server did not answer."""
        self.servers[alias].failed(note, at_once=at_once)

    def primary_is_gone(self, now: float) -> bool:
        """Tell whether the primary is known not to answer. Nothing known is not gone."""
        primary = self.servers[DEFAULT_DB_ALIAS]
        known = primary.seen > float("-inf") or primary.bad >= BAD_LOOKS[DEFAULT_DB_ALIAS]
        return known and not primary.is_available(now)

    def able(self, position: int, person: int, now: float) -> list[str]:
        """Return the replicas that have replayed past ``position``, the one to use first.

        The same person comes to the same replica as long as it is there, on every instance, so
        that what they see never goes back in time by going from one replica to another.
        """
        length = len(self.replicas)
        first = _mixed(person) if person else next(self._turn)
        ordered = (self.replicas[(first + step) % length] for step in range(length))
        return [
            server.alias
            for server in ordered
            if server.position >= position and server.is_available(now)
        ]

    def settled(self, now: float) -> int:
        """Return a position that all replicas in use have replayed; 0 if that is not known."""
        moment, position = self._history[0] if self._history else (now, 0)
        return position if now - moment > MAX_LAG_SECONDS else 0

    def furthest(self, now: float) -> list[str]:
        """Return the replicas that answer, whatever their lag, the most advanced one first.

        For the time without a primary: what was acknowledged is on this one.
        """
        answering = [
            server
            for server in self.replicas
            if now - server.seen < VALID_SECONDS and (server.up or server.note == "it lags")
        ]
        ordered = sorted(answering, key=lambda server: server.position, reverse=True)
        return [server.alias for server in ordered]

    def _report_primary(self, look: Observation, now: float) -> None:
        primary = self.servers[DEFAULT_DB_ALIAS]
        if look.is_replica:
            primary.failed("it only replays: it takes no writes", at_once=True)
            return
        if not self._history or look.position > self._history[-1][1]:
            self._history.append((now, look.position))
        # The one before the limit stays: it says where an idle primary has stood all the time.
        while len(self._history) > 1 and now - self._history[1][0] > 2 * MAX_LAG_SECONDS:
            self._history.popleft()
        primary.succeeded(now, look.position)

    def _lag_seconds(self, look: Observation, now: float) -> float:
        """Return for how long the replica has lacked something that the primary had."""
        for number, (moment, position) in enumerate(tuple(self._history)):
            if position > look.position:
                # What it lacks may be older than what has been watched here: ask its own clock.
                unknown = look.age or 0.0 if number == 0 else 0.0
                return max(now - moment, unknown)
        return 0.0
