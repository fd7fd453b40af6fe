"""Raw ceilings: one call again and again, by wrk, whose own cost is a fraction of Locust's.

wrk checks nothing but the status, so these figures stand beside those of the simulated people and
never replace them. https://github.com/wg/wrk is a Debian package:
``infra/bin/install-packages wrk``.
"""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from infra.lab.load.api_session import ApiSession
from infra.lab.load.driver import CannotMeasure
from infra.lab.load.spec import FEED, PHOTO
from infra.lab.load.tally import ROUNDS
from infra.lab.measure.observer import Observer
from infra.lab.measure.stress import described, load_for, record_of
from infra.lab.measure.target import Target
from infra.lab.records import Record

CONNECTIONS = 32
WRK_THREADS = 1
BUSY = 0.9  # of its one thread
# Milliseconds from wrk's latency table, printed by this script as one line.
SCRIPT = """
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d %d", summary.requests, summary.duration,
    summary.bytes, e.connect + e.read + e.write, e.status, e.timeout, latency.max))
  for _, p in ipairs({50, 75, 90, 95, 99, 99.9}) do
    io.write(string.format(" %d", latency:percentile(p)))
  end
  io.write(string.format(" %d\\n", latency.mean))
end
"""
QUANTILES = ("p50", "p75", "p90", "p95", "p99", "p999", "mean")


def ceiling(target: Target, *, seconds: float = 10, connections: int = CONNECTIONS) -> Record:
    """Return how often one person's feed, and one photo, can be read; half of ``seconds`` for each.

    Raises ``CannotMeasure`` if wrk is missing or fails.
    """
    if shutil.which("wrk") is None:
        raise CannotMeasure("wrk is missing: run infra/bin/install-packages wrk, or leave it out.")
    session = ApiSession(target.url, name="user1", password=target.password)
    session.log_in()
    photo = session.ask("GET", "/api/v1/feed/")["results"][0]["id"]
    paths = {FEED: "/api/v1/feed/", PHOTO: f"/api/v1/photos/{photo}/"}
    load = load_for(target, users=connections, seconds=seconds, profile="reads", think=0)
    observer, started = Observer(target), datetime.now(UTC)
    observer.begin()
    began, cpu = time.perf_counter(), _children_cpu()
    rows = {name: _wrk(target, session, path, seconds / 2) for name, path in paths.items()}
    share = (_children_cpu() - cpu) / (time.perf_counter() - began)
    observer.end()
    result = _result(rows, seconds, share)
    seen = observer.figures(result["totals"]["requests"], ROUNDS)
    seen = replace(seen, rounds=[])
    record = record_of("ceiling", target, load, result, seen, started)
    kept = replace(described(load), mix={FEED: 1, PHOTO: 1})
    note = f"One person's feed, and one photo, by wrk over {connections} connections."
    return replace(record, load=kept, rounds=(), notes=(note,))


def _wrk(target: Target, session: ApiSession, path: str, seconds: float) -> dict[str, Any]:
    """Run wrk on one address and return the figures of an operation."""
    command = [
        "wrk",
        f"--threads={WRK_THREADS}",
        f"--connections={CONNECTIONS}",
        f"--duration={max(1, round(seconds))}s",
        "--latency",
        "--timeout=5s",
        "--header",
        f"Authorization: Bearer {session.token}",
        "--script",
        "/dev/stdin",
        f"{target.url}{path}",
    ]
    run = subprocess.run(  # noqa: S603 - our own command
        command, input=SCRIPT, capture_output=True, text=True, check=False, timeout=seconds + 30
    )
    found = re.search(r"^RESULT (.+)$", run.stdout, re.MULTILINE)
    if run.returncode != 0 or not found:
        raise CannotMeasure(f"wrk has failed: {(run.stderr or run.stdout).strip()[:200]}")
    return row_of([int(number) for number in found[1].split()])


def row_of(numbers: list[int]) -> dict[str, Any]:
    """Return wrk's numbers, in the order of the script, as an operation."""
    requests, microseconds, received, lost, statuses, timeouts, longest, *quantiles = numbers
    failures = {"refused": lost, "status": statuses, "timeout": timeouts}
    named = dict(zip(QUANTILES, (value / 1000 for value in quantiles), strict=True))
    return {
        "requests": requests,
        "failures": {cause: count for cause, count in failures.items() if count},
        "rate": round((requests - statuses) / (microseconds / 1e6), 1),
        "max": longest / 1000,
        "bytes": received,
        **named,
    }


def _result(rows: dict[str, dict[str, Any]], seconds: float, share: float) -> dict[str, Any]:
    """Return both in the form of the generator's result; the totals are the feed's."""
    received = sum(row.pop("bytes") for row in rows.values())
    failures: Counter[str] = sum((Counter(row["failures"]) for row in rows.values()), Counter())
    requests = sum(row["requests"] for row in rows.values())
    totals = {**rows[FEED], "requests": requests, "failures": dict(failures)}
    return {
        "seconds": seconds,
        "operations": rows,
        "totals": {
            **totals,
            "rate": round(sum(row["rate"] for row in rows.values()) / len(rows), 1),
        },
        "peak": max(row["rate"] for row in rows.values()),
        "rounds": [],
        "bytes": {"received": received, "sent": 0},
        "samples": {},
        "history": {},
        "stopped_early": False,
        "generator": {
            "cpu_share_of_core": round(share, 3),
            "dropped": 0,
            "late": 0,
            "limit": share > BUSY,
        },
    }


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
