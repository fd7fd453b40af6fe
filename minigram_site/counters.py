"""The site's counters, added up over all processes that share ``DATA_DIR``.

Each process keeps its counts in a memory-mapped file below ``DATA_DIR/run/counters``
(prometheus_client's multi-process mode): a count costs about a microsecond and no shared lock,
and the counts of a process that was killed are not lost. ``/metrics`` and ``manage.py counters``
show the sums.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

FOLDER = settings.DATA_DIR / "run" / "counters"
FOLDER.mkdir(parents=True, exist_ok=True)
# The library reads the variable when it is imported.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(FOLDER)

from prometheus_client import CollectorRegistry, Counter, Histogram, multiprocess, values  # noqa: E402
from prometheus_client.mmap_dict import MmapedDict  # noqa: E402

# Part of the files' names: containers that share a folder have processes with equal numbers.
_HOST = socket.gethostname().replace("_", "-")
# The library has a file for each kind of metric and process.
_KINDS = ("counter", "histogram")
values.ValueClass = values.MultiProcessValue(lambda: f"{_HOST}-{os.getpid()}")  # type: ignore[no-untyped-call]

# server: default, replica1, …; kind: read or write. Statements that the site has sent.
STATEMENTS = Counter(
    "minigram_database_statements", "SQL statements sent, by server", ["server", "kind"]
)
# kind: session, account, photo, feed, profile, …; outcome: hit, stale, miss, rebuild, wait, error.
CACHE = Counter("minigram_cache", "Looks into the cache, by kind of data", ["kind", "outcome"])
# Requests that were answered, by how: "sql" or "no_sql".
ANSWERS = Counter("minigram_answers", "Answers, by what they needed", ["kind", "source"])
# part: pages, api, pictures, …; status: 2xx to 5xx. Seconds until an answer began.
REQUESTS = Histogram(
    "minigram_request_seconds",
    "Requests answered by instances, and how long it took",
    ["part", "status"],
    buckets=(0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


def registry() -> CollectorRegistry:
    """Return a registry that adds up the counts of all processes, for ``/metrics``."""
    collected = CollectorRegistry()
    multiprocess.MultiProcessCollector(collected)  # type: ignore[no-untyped-call]
    return collected


def totals() -> Iterator[tuple[str, dict[str, str], float]]:
    """Yield (name, labels, sum over all processes) of every count. Reads the files, no query."""
    for metric in registry().collect():
        for sample in metric.samples:
            yield sample.name, dict(sample.labels), sample.value


def fold() -> int:
    """Merge the files of this machine's ended processes, by kind; return how many there were.

    For ``manage.py maintain``: otherwise the file of each process would stay for ever. Two calls
    must not run at the same time. Raises ``OSError`` if the files cannot be read or written.
    """
    return sum(map(_fold, _KINDS))


def _fold(kind: str) -> int:
    ended = [path for path in FOLDER.glob(f"{kind}_{_HOST}-*.db") if not _runs(path)]
    if ended:
        sums = MmapedDict(str(FOLDER / f"{kind}_ended.db"))  # type: ignore[no-untyped-call]
        for path in ended:
            for key, value, _, _ in MmapedDict.read_all_values_from_file(str(path)):  # type: ignore[no-untyped-call]
                before, _ = sums.read_value(key)  # type: ignore[no-untyped-call]
                sums.write_value(key, before + value, 0.0)  # type: ignore[no-untyped-call]
            path.unlink()
        sums.close()  # type: ignore[no-untyped-call]
    return len(ended)


def _runs(path: Path) -> bool:
    try:
        os.kill(int(path.stem.rpartition("-")[2]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # a running process of another user
    return True
