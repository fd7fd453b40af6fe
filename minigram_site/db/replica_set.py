"""The state of the primary and its replicas, judged from observations.

Pure bookkeeping: ``minigram_site.db.monitor`` observes the servers, this module decides which may
be used. Lag is measured in bytes of the write-ahead log and in seconds, both by the LSNs at which
the primary was observed. The time that a replica names itself (of the last commit it replayed) is
misleading: it says "an hour" about a replica that is level with a primary where nothing was
written for an hour.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from itertools import count

from django.db import DEFAULT_DB_ALIAS

from minigram_site.db.wal import Observation
from minigram_site.fields.snowflake import hash_id

MAX_LAG_BYTES = 16 * 1024 * 1024
MAX_LAG_SECONDS = 10.0
# An observation older than this proves nothing: the server, or the thread that observes, hangs.
OBSERVATION_TTL_SECONDS = 2.0
# Observations in a row that bring a server online, and that take it offline. For a replica one
# failure is enough: other servers can answer. Nothing can stand in for the primary, so that a
# single failure does not count, and a single success does: it takes writes that no other has.
SUCCESSES_UNTIL_ONLINE = {DEFAULT_DB_ALIAS: 1}
FAILURES_UNTIL_OFFLINE = {DEFAULT_DB_ALIAS: 2}


@dataclass(slots=True)
class Server:
    """What is known of one server. Times are those of ``time.monotonic``."""

    alias: str
    is_online: bool = False
    is_lagging: bool = False
    # One of the hosts of the primary that takes writes itself.
    is_primary: bool = False
    # Observations in a row that succeeded, and that failed.
    successes: int = 0
    failures: int = 0
    observed_at: float = float("-inf")
    lsn: int = 0
    timeline: int = 0
    lag_bytes: int = 0
    lag_seconds: float = 0.0
    # Why it is offline, for the log.
    reason: str = "not seen yet"

    def record_success(self, now: float, lsn: int) -> None:
        """Count an observation of a server that works and does not lag."""
        self.observed_at, self.lsn = now, lsn
        self.successes, self.failures, self.reason = self.successes + 1, 0, ""
        self.is_lagging = False
        self.is_online |= self.successes >= SUCCESSES_UNTIL_ONLINE.get(self.alias, 2)

    def record_lag(self, now: float, lsn: int) -> None:
        """Take a replica offline that works and lags: what is older can still be read there."""
        self.observed_at, self.lsn = now, lsn
        self.is_lagging = True
        self._count_failure("it lags", at_once=True)

    def record_failure(self, reason: str, *, at_once: bool = False) -> None:
        """Count a failure; ``at_once`` takes the server offline without waiting for another."""
        self.is_lagging = False
        self._count_failure(reason, at_once=at_once)

    def is_available(self, now: float) -> bool:
        """Return whether the server is online by an observation that is recent enough."""
        return self.is_online and self.is_observed(now)

    def is_observed(self, now: float) -> bool:
        """Return whether the last observation is recent enough to prove anything."""
        return now - self.observed_at < OBSERVATION_TTL_SECONDS

    def _count_failure(self, reason: str, *, at_once: bool) -> None:
        self.successes, self.failures, self.reason = 0, self.failures + 1, reason
        if at_once or self.failures >= FAILURES_UNTIL_OFFLINE.get(self.alias, 1):
            self.is_online = False


class ReplicaSet:
    """The primary and its replicas. Threads may record and read at the same time."""

    def __init__(self, replicas: Collection[str]) -> None:
        """Start with all servers offline: reads go to the primary until they are observed."""
        self.servers = {alias: Server(alias) for alias in (DEFAULT_DB_ALIAS, *replicas)}
        self.primary = self.servers[DEFAULT_DB_ALIAS]
        self.replicas = [self.servers[alias] for alias in replicas]
        # (time, LSN) of the primary, one for each time that its log had grown.
        self._history: deque[tuple[float, int]] = deque()
        self._turn = count()

    def record(self, alias: str, observation: Observation, now: float) -> None:
        """Take in what a server said of itself at the time ``now``."""
        if alias == DEFAULT_DB_ALIAS:
            self._record_primary(observation, now)
        else:
            self._record_replica(self.servers[alias], observation, now)

    def record_failure(self, alias: str, reason: str, *, at_once: bool = False) -> None:
        """Take in that a server did not answer; ``at_once`` means that there is no doubt."""
        self.servers[alias].record_failure(reason, at_once=at_once)

    def primary_is_down(self, now: float) -> bool:
        """Return whether the primary is known to be down. One never observed is not."""
        primary = self.primary
        known = (
            primary.observed_at > float("-inf")
            or primary.failures >= FAILURES_UNTIL_OFFLINE[DEFAULT_DB_ALIAS]
        )
        return known and not primary.is_available(now)

    def caught_up(self, lsn: int, user_id: int, now: float) -> list[str]:
        """Return the replicas that have replayed the log up to ``lsn``, the one to use first.

        The reads of one account go to one replica as long as that is available, on every
        instance, so that a reader never goes back in time by changing replicas. Visitors
        (``user_id`` 0) are spread in turn.
        """
        replicas = [server for server in self.replicas if not server.is_primary] or self.replicas
        length = len(replicas)
        first = hash_id(user_id) if user_id else next(self._turn)
        ordered = (replicas[(first + step) % length] for step in range(length))
        return [
            server.alias for server in ordered if server.lsn >= lsn and server.is_available(now)
        ]

    def replayed_by_all(self, now: float) -> int:
        """Return an LSN that every available replica has replayed; 0 if none is known.

        It is one that the primary had reached more than ``MAX_LAG_SECONDS`` ago.
        """
        moment, lsn = self._history[0] if self._history else (now, 0)
        return lsn if now - moment > MAX_LAG_SECONDS else 0

    def most_advanced(self, now: float) -> list[str]:
        """Return the replicas that answer, lagging or not, the most advanced one first.

        For the time without a primary: the first has every write that was acknowledged.
        """
        answering = [
            server
            for server in self.replicas
            if server.is_observed(now) and (server.is_online or server.is_lagging)
        ]
        ordered = sorted(answering, key=lambda server: server.lsn, reverse=True)
        return [server.alias for server in ordered]

    def _record_primary(self, observation: Observation, now: float) -> None:
        if observation.is_replica:
            self.primary.record_failure("it only replays: it takes no writes", at_once=True)
            return
        if self._history and observation.lsn < self._history[-1][1]:
            # Another server, which never had what the former one had written last.
            self._history.clear()
        if not self._history or observation.lsn > self._history[-1][1]:
            self._history.append((now, observation.lsn))
        # The newest entry before the limit stays: it is the LSN of an idle primary ever since.
        while len(self._history) > 1 and now - self._history[1][0] > 2 * MAX_LAG_SECONDS:
            self._history.popleft()
        self.primary.timeline = observation.timeline
        self.primary.record_success(now, observation.lsn)

    def _record_replica(self, server: Server, observation: Observation, now: float) -> None:
        server.is_primary = not observation.is_replica
        if server.is_primary:
            server.record_failure("it is a replica no longer", at_once=True)
            return
        server.timeline = observation.timeline
        if 0 != server.timeline != self.primary.timeline != 0:
            # A former primary may have written what no other server has: its LSNs say nothing.
            server.record_failure("it follows another primary", at_once=True)
            return
        server.lag_bytes = max(0, self.primary.lsn - observation.lsn)
        server.lag_seconds = self._lag_seconds(observation, now)
        if server.lag_bytes > MAX_LAG_BYTES or server.lag_seconds > MAX_LAG_SECONDS:
            server.record_lag(now, observation.lsn)
        else:
            server.record_success(now, observation.lsn)

    def _lag_seconds(self, observation: Observation, now: float) -> float:
        """Return for how long a replica has lacked something that the primary had."""
        for number, (moment, lsn) in enumerate(tuple(self._history)):
            if lsn > observation.lsn:
                # Before the first entry the replica may have lagged already: its own clock says.
                unseen = observation.seconds_since_commit or 0.0 if number == 0 else 0.0
                return max(now - moment, unseen)
        return 0.0
