"""The server side of a run: nothing that a process used is lost, and a run says why it is void."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
import pytest

from infra.lab.load.driver import CannotMeasure, check_machine
from infra.lab.measure import machine, site_counters
from infra.lab.measure.ceiling import row_of as ceiling_row
from infra.lab.measure.databases import DatabaseSampler, addresses
from infra.lab.measure.observer import _INSTANCE, Observation, _per_round
from infra.lab.measure.processes import ProcessSampler
from infra.lab.measure.stress import notes, void_reason
from infra.lab.records import Database, Group, Step
from minigram_site import database_url

BURN = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass\n"
PARENT = (
    f"import subprocess, sys, time\nsubprocess.run([sys.executable, '-c', {BURN!r}])\n"
    "time.sleep(30)"
)


def test_cpu_of_children_that_have_ended_is_counted_once() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT])
    processes = ProcessSampler()
    totals: list[float] = []
    try:
        end = time.monotonic() + 8
        while time.monotonic() < end and (not totals or totals[-1] < 0.3):
            totals.append(processes.sample({"web": [parent.pid]}))
            time.sleep(0.1)
        time.sleep(0.3)
        totals.append(processes.sample({"web": [parent.pid]}))
    finally:
        parent.kill()
        parent.wait()
    after = processes.sample({"web": [parent.pid]})
    assert 0.3 <= totals[-1] < 0.6
    assert after == pytest.approx(totals[-1], abs=0.05)
    assert totals == sorted(totals)
    assert processes.groups["web"].memory_mb > 1


def test_cpu_of_rounds_is_taken_from_the_samples_around_their_ends() -> None:
    samples = [(10.0, 0.0), (12.0, 2.0), (14.0, 2.0)]
    assert _per_round(samples, 10.0, 4.0, 4) == pytest.approx([1, 1, 0, 0])


def test_the_last_instance_that_was_asked_is_the_one_that_answered() -> None:
    line = (
        b'{"upstream":"unix:/run/x/web2.sock, unix:/run/x/web3.sock","upstream_status":"502, 200"}'
    )
    match = _INSTANCE.search(line)
    assert match
    assert match[1] == b"web3"


def test_addresses_are_those_of_the_environment_without_options_of_the_site() -> None:
    env = {
        "DATABASE_URL": "postgres://a:b@h:1/d?pool=8",
        "DATABASE_REPLICA_URLS": "postgres://a:b@h:2/d?pool=8, postgres://a:b@h:3/d",
    }
    assert addresses(env) == {
        "postgres": "postgres://a:b@h:1/d",
        "replica1": "postgres://a:b@h:2/d",
        "replica2": "postgres://a:b@h:3/d",
    }
    assert addresses({"DATABASE_URL": "sqlite:///db"}) == {}


def test_the_pool_of_a_stage_is_the_one_that_the_site_makes() -> None:
    url = "postgres://a:b@h:1/d"
    for address in (url, f"{url}?pool=5"):
        given = database_url.parse(address)["OPTIONS"]
        pool = database_url.postgresql_options(given)["pool"]
        assert machine.pool_of(address) == pool["max_size"]
    assert machine.pool_of("sqlite:///db") == 0


def test_a_server_that_is_down_is_left_out() -> None:
    watched = DatabaseSampler({"postgres": "postgres://nobody@127.0.0.1:1/nothing"})
    watched.begin()
    watched.sample()
    watched.end()
    assert watched.figures(1, 10).queries_per_request is None


def test_looks_into_the_cache_are_sorted_by_kind() -> None:
    counts: site_counters.CounterValues = Counter()
    for outcome, value in {"hit": 8, "stale": 1, "miss": 1, "rebuild": 2, "error": 5}.items():
        counts["minigram_cache_total", (("kind", "feed"), ("outcome", outcome))] = value
    feed = site_counters.cache_kinds(counts)["feed"]
    assert (feed.hits, feed.stale, feed.misses, feed.rebuilds) == (8, 1, 1, 2)
    assert feed.hit_rate == pytest.approx(0.9)


def test_a_site_without_counters_has_no_counts(tmp_path: Path) -> None:
    assert not site_counters.read_counters(tmp_path)


def seen(**changes: Any) -> Observation:
    values: dict[str, Any] = {
        "seconds": 10,
        "groups": {"web": Group(1, 5, 100)},
        "database": Database(),
        "cache": {},
        "answers": {},
        "rounds": [],
        "busy": 6,
        "own": 0.1,
        "overhead": 0.005,
    }
    return Observation(**{**values, **changes})


def result(**own: Any) -> dict[str, Any]:
    generator = {"cpu_share_of_core": 0.1, "dropped": 0, "late": 0, "limit": False, **own}
    return {
        "generator": generator,
        "operations": {},
        "history": {},
        "samples": {},
        "stopped_early": False,
    }


def test_a_run_whose_generator_was_the_limit_is_void_and_says_why() -> None:
    assert void_reason(result()) == ""
    assert "90% of a core" in void_reason(result(cpu_share_of_core=0.9, limit=True))
    assert "7 requests late" in void_reason(result(late=7, limit=True))


def test_what_disturbs_the_figures_is_said() -> None:
    assert notes(result(), seen()) == []
    busy = (psutil.cpu_count() or 1) * 10
    assert "Other processes" in notes(result(), seen(busy=busy))[0]
    assert "Measuring took" in notes(result(), seen(overhead=0.1))[0]
    hashing = {**result(), "operations": {"log in": {}}}
    assert "by design" in notes(hashing, seen())[0]


def test_a_stage_breaks_by_failures_or_by_slowness() -> None:
    good: dict[str, Any] = {"users": 1, "requests": 100, "rate": 1.0, "p50": 1.0}
    assert not Step(**good, p95=500.0, failures={"503": 1}).broken
    assert Step(**good, p95=501.0).broken
    assert Step(**good, p95=1.0, failures={"503": 2}).broken


def test_more_people_than_the_machine_can_hold_are_refused_with_advice() -> None:
    with pytest.raises(CannotMeasure, match="--users"):
        check_machine(10**9)


def test_a_machine_is_described_without_its_name() -> None:
    described = str(machine.machine())
    assert os.uname().nodename not in described
    assert str(psutil.cpu_count()) in described


def test_figures_of_wrk_become_an_operation() -> None:
    microseconds = [500, 700, 900, 1000, 2000, 4000, 600]
    row = ceiling_row([1000, 2_000_000, 9000, 1, 2, 3, 5000, *microseconds])
    assert row["failures"] == {"refused": 1, "status": 2, "timeout": 3}
    assert (row["rate"], row["p50"], row["max"], row["mean"]) == (499, 0.5, 5, 0.6)
