"""CPU of processes is counted once, also of those that end between two samples."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from infra.lab.measure.processes import ProcessSampler

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
