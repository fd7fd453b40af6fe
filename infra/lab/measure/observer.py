"""The server side of a run, sampled once a second while it lasts, and what that costs."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil

from infra.lab.measure import site_counters
from infra.lab.measure.databases import DatabaseSampler, addresses
from infra.lab.measure.processes import ProcessSampler
from infra.lab.measure.target import Target
from infra.lab.records import Database, Group

EVERY = 1.0
MEMORY_EVERY = 10  # samples
_INSTANCE = re.compile(rb'"upstream":"[^"]*/(web\d)\.sock"')


@dataclass(frozen=True)
class Observation:
    """What was seen of the servers between ``begin`` and ``end``."""

    seconds: float
    groups: dict[str, Group]
    database: Database
    cache: dict[str, Any]
    answers: dict[str, int]
    # CPU seconds of all groups together in each of the rounds of the run.
    rounds: list[float]
    # CPU seconds that the whole machine was busy, and that measuring took.
    busy: float
    own: float
    # CPU of measuring, as a share of what the machine had to give during the run.
    overhead: float


@dataclass
class Observer:
    """Watches one stage from a thread of its own."""

    target: Target
    samples: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Prepare samplers and thread; nothing is asked yet."""
        self.processes = ProcessSampler()
        self.databases = DatabaseSampler(addresses(self.target.env))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="observer")

    def begin(self) -> None:
        """Note all counters, and sample once a second from now on."""
        self._log_start = _size(self.target.access_log())
        self._counts = site_counters.read_counters(Path(self.target.env["DATA_DIR"]))
        self.databases.begin()
        self._sample()
        self._cpu_before = {name: usage.cpu for name, usage in self.processes.groups.items()}
        self._own, self._busy = _own_cpu(), _busy()
        self.began = time.perf_counter()
        self._thread.start()

    def end(self) -> None:
        """Stop sampling and note all counters again; what comes later is not counted."""
        self.seconds = time.perf_counter() - self.began
        self._own, self._busy = _own_cpu() - self._own, _busy() - self._busy
        self._sample()
        self._stop.set()
        self._thread.join(5)
        self.databases.end()
        counts = site_counters.read_counters(Path(self.target.env["DATA_DIR"]))
        counts.subtract(self._counts)
        self._counts = counts
        self._log_end = _size(self.target.access_log())

    def figures(self, requests: int, rounds: int) -> Observation:
        """Return what was seen, per request of the load."""
        available = self.seconds * (psutil.cpu_count() or 1)
        return Observation(
            seconds=self.seconds,
            groups=self._groups(requests),
            database=self._database(requests),
            cache=site_counters.cache_kinds(self._counts),
            answers=self._answers(),
            rounds=_per_round(self.samples, self.began, self.seconds, rounds),
            busy=self._busy,
            own=self._own,
            overhead=round(self._own / available, 4) if available > 0 else 0.0,
        )

    def _watch(self) -> None:
        while not self._stop.wait(EVERY):
            self._sample(memory=len(self.samples) % MEMORY_EVERY == 0)
            self.databases.sample()

    def _sample(self, *, memory: bool = True) -> float:
        try:
            total = self.processes.sample(self.target.groups(), memory=memory)
        except psutil.Error:
            return self.samples[-1][1] if self.samples else 0.0
        self.samples.append((time.perf_counter(), total))
        return total

    def _groups(self, requests: int) -> dict[str, Group]:
        found = {}
        for name, usage in sorted(self.processes.groups.items()):
            cpu = max(0.0, usage.cpu - self._cpu_before.get(name, 0.0))
            found[name] = Group(
                cpu_ms_per_request=round(cpu * 1000 / requests, 3) if requests else 0.0,
                cpu_seconds=round(cpu, 2),
                memory_mb=round(usage.memory_mb, 1),
            )
        return found

    def _database(self, requests: int) -> Database:
        """Return PostgreSQL's figures, or what the site has counted where there is none."""
        sent = site_counters.statements(self._counts)
        if self.databases.servers or not sent or not requests:
            return self.databases.figures(self.seconds, requests)
        return Database(
            queries_per_second=round(sent / self.seconds, 1),
            queries_per_request=round(sent / requests, 2),
        )

    def _answers(self) -> dict[str, int]:
        """Count the answers of each instance in nginx's log, by the last try of each request."""
        log = self.target.access_log()
        if not log.exists():
            return {}
        found = Counter(dict.fromkeys(self.target.instances(), 0))
        with log.open("rb") as file:
            file.seek(self._log_start)
            for line in file.read(self._log_end - self._log_start).splitlines():
                if match := _INSTANCE.search(line):
                    found[match[1].decode()] += 1
        return dict(found)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _busy() -> float:
    """Return the busy CPU seconds of this machine, time that its host took from it included."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0) - _guests(times))


def _guests(times: Any) -> float:
    """Return what is counted twice: time for guests is part of the time of users."""
    return float(getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0))


def _own_cpu() -> float:
    """Return the CPU seconds of this process: sampling, and the live view as well."""
    return time.process_time()


def _per_round(
    samples: list[tuple[float, float]], began: float, seconds: float, rounds: int
) -> list[float]:
    """Return the CPU seconds of each of ``rounds`` equal slices, between samples by proportion."""
    edges = [began + seconds * number / rounds for number in range(rounds + 1)]
    at = [_interpolate(samples, edge) for edge in edges]
    return [max(0.0, later - earlier) for earlier, later in pairwise(at)]


def _interpolate(samples: list[tuple[float, float]], moment: float) -> float:
    before = samples[0]
    for sample in samples:
        if sample[0] >= moment:
            span = sample[0] - before[0]
            share = (moment - before[0]) / span if span > 0 else 1.0
            return before[1] + (sample[1] - before[1]) * share
        before = sample
    return before[1]
