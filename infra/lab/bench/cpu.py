"""CPU time of servers with all of their processes, as the kernel counts it.

The clock of a process (clock_getcpuclockid(3)) counts nanoseconds, those of its ended threads
included. What a process has waited for (decoders of pictures, connections of PostgreSQL) is in
``/proc/PID/stat``, in steps of 10 ms.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")
# Of /proc/PID/stat, counted from the state, which follows the name of the program.
PARENT, CHILDREN_USER, CHILDREN_SYSTEM = 1, 13, 14


def cpu_seconds(roots: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """Return the CPU seconds that each group of processes has used so far.

    ``roots`` names the first processes of each group by pid; all descendants that are alive belong
    to it, and so do those that one of them has waited for. A process that ended without its parent
    waiting for it is lost. Costs one small file for each process of the machine.
    """
    stats = _stats()
    children: dict[int, list[int]] = {}
    for pid, fields in stats.items():
        children.setdefault(int(fields[PARENT]), []).append(pid)
    return {
        name: sum(_used(pid, stats[pid]) for pid in _families(pids, stats, children))
        for name, pids in roots.items()
    }


def _stats() -> dict[int, list[str]]:
    """Return the fields of ``/proc/PID/stat`` from the state on, by pid."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # The name of the program stands in brackets and may hold anything.
            text = (folder / "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        found[int(folder.name)] = text.rpartition(")")[2].split()
    return found


def _families(
    roots: Sequence[int], stats: Mapping[int, list[str]], children: Mapping[int, list[int]]
) -> list[int]:
    """Return processes and their descendants, those that are alive."""
    found = [pid for pid in roots if pid in stats]
    for pid in found:
        found += children.get(pid, [])
    return found


def _used(pid: int, fields: list[str]) -> float:
    waited_for = int(fields[CHILDREN_USER]) + int(fields[CHILDREN_SYSTEM])
    return _clock(pid) + waited_for * TICK


def _clock(pid: int) -> float:
    """Return the CPU seconds of one process; 0 if it ended just now, when its parent counts it."""
    try:
        # How the C library makes the id of another process's clock (CPUCLOCK_SCHED).
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0
