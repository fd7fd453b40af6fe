"""The memory of single processes over time: samples, their curve, and whether that is flat."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from statistics import mean, median

MEGABYTE = 2**20
HOUR = 3600
SIZES = ("rss", "pss", "anonymous")
# What the second half of a curve may rise by: this share of its mean. Less than that cannot be
# told from the blocks that requests happen to hold when a sample is taken.
FLAT_SHARE = 0.03
# As few samples as a slope is taken from.
LEAST_SAMPLES = 4


@dataclass(frozen=True)
class Sample:
    """The memory of a process in bytes, ``seconds`` after the first sample.

    ``rss`` is what it has in memory, ``pss`` counts what processes share once in all of them, and
    ``anonymous`` is what it has asked for itself: no mapped file, such as a database of SQLite,
    whose pages the system takes back when it needs them.
    """

    seconds: float
    rss: int
    pss: int
    anonymous: int


@dataclass(frozen=True)
class Curve:
    """The samples of one process, by name and pid."""

    name: str
    pid: int
    samples: list[Sample] = field(default_factory=list)

    @property
    def second_half(self) -> list[Sample]:
        """The samples from the middle of the time on: what is built up once lies before."""
        middle = (self.samples[0].seconds + self.samples[-1].seconds) / 2
        return [sample for sample in self.samples if sample.seconds >= middle]

    def slope(self, size: str) -> float:
        """Return bytes per second over the second half: the median slope of all pairs (Theil-Sen).

        ``size`` is one of ``SIZES``.

        A single sample with a large upload in it does not move it. Raises ``ValueError`` for fewer
        than two samples there.
        """
        points = [(sample.seconds, getattr(sample, size)) for sample in self.second_half]
        slopes = [(b - a) / (t - s) for (s, a), (t, b) in combinations(points, 2)]
        return float(median(slopes))

    @property
    def rise(self) -> float:
        """By which share of its mean the anonymous memory rose over the second half."""
        half = self.second_half
        seconds = half[-1].seconds - half[0].seconds
        return self.slope("anonymous") * seconds / mean(sample.anonymous for sample in half)

    @property
    def is_flat(self) -> bool:
        """Whether the second half rose by no more than can be told from chance."""
        return self.rise <= FLAT_SHARE


class MemoryWatch:
    """Samples processes from a thread of its own. A sample costs about a millisecond a process."""

    def __init__(self, pids: Callable[[], Mapping[str, Sequence[int]]], every: float) -> None:
        """Prepare; ``pids`` names the processes, ``every`` is seconds between two samples."""
        self.curves: list[Curve] = []
        self._pids, self._every = pids, every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="memory")

    def begin(self) -> None:
        """Take the first sample, and another one each ``every`` seconds from now on."""
        self._began = time.monotonic()
        self._sample()
        self._thread.start()

    def end(self) -> None:
        """Take no more samples."""
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(self._every):
            self._sample()

    def _sample(self) -> None:
        seconds = time.monotonic() - self._began
        for name, pids in self._pids().items():
            for pid in pids:
                if sizes := memory_of(pid):
                    self._curve(name, pid).samples.append(Sample(seconds, *sizes))

    def _curve(self, name: str, pid: int) -> Curve:
        for curve in self.curves:
            if curve.pid == pid:
                return curve
        self.curves.append(Curve(name, pid))
        return self.curves[-1]


def memory_of(pid: int) -> tuple[int, int, int] | None:
    """Return the RSS, PSS and anonymous memory of a process in bytes; ``None`` if it has ended.

    Raises ``OSError`` on systems other than Linux, and ``PermissionError`` for a process of others.
    """
    path = Path(f"/proc/{pid}/smaps_rollup")
    try:
        lines = path.read_text().splitlines()[1:]
    except (FileNotFoundError, ProcessLookupError):
        if not Path("/proc/self/smaps_rollup").exists():
            raise
        return None
    sizes = {line.partition(":")[0]: int(line.split()[1]) * 1024 for line in lines}
    return (sizes["Rss"], sizes["Pss"], sizes["Anonymous"]) if sizes else None
