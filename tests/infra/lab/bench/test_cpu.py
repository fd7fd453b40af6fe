"""CPU time is that of whole families of processes, those that have ended included."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from infra.lab.bench.cpu import TICK, cpu_seconds

# Works in a thread that ends, in a child that it waits for, and in a child that stays; says after
# each how much CPU time that was, and ends with its input.
FAMILY = """
import subprocess, sys, threading, time
BURN = ("import time\\nwhile time.process_time() < 0.2: pass\\n"
        "print(time.process_time(), flush=True)")
def burn():
    end = time.thread_time() + 0.2
    while time.thread_time() < end: pass
thread = threading.Thread(target=burn)
thread.start()
thread.join()
ended = subprocess.run([sys.executable, "-c", BURN], capture_output=True, text=True, check=True)
stays = subprocess.Popen([sys.executable, "-c", BURN + "\\nimport sys; sys.stdin.read()"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
alive = stays.stdout.readline()
print(0.2 + float(ended.stdout) + float(alive), flush=True)
sys.stdin.read()
stays.communicate("")
"""


@pytest.fixture
def family() -> Iterator[subprocess.Popen[str]]:
    """Return a process that has worked, with children that have."""
    with subprocess.Popen(
        [sys.executable, "-c", FAMILY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.communicate("")


def test_threads_ended_children_and_living_ones_are_counted(
    family: subprocess.Popen[str],
) -> None:
    assert family.stdout is not None
    worked = float(family.stdout.readline())
    assert worked >= 0.6
    # User and system time of the child that has ended are counted in ticks.
    assert cpu_seconds({"family": [family.pid]})["family"] >= worked - 2 * TICK


def test_each_group_has_its_own_processes(family: subprocess.Popen[str]) -> None:
    assert family.stdout is not None
    family.stdout.readline()
    before = cpu_seconds({"family": [family.pid], "nobody": []})
    end = os.times().user + 0.3
    while os.times().user < end:
        pass
    after = cpu_seconds({"family": [family.pid], "nobody": []})
    assert after["family"] - before["family"] < 0.1
    assert after["nobody"] == 0


def test_a_process_that_is_gone_has_used_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    assert cpu_seconds({"gone": [process.pid]}) == {"gone": 0}
