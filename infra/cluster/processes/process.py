"""Processes that outlive the command that started them, and how they are found again.

The kernel gives pids away again, so that a pid alone names no process. Here a process is its pid,
its start time (clock ticks since the machine booted) and the id of that boot. A process that does
not agree in all three is never signalled.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from infra.project import PROJECT

POLL_SECONDS = 0.02
# How long a process may take to end on SIGKILL, and to stop on SIGSTOP.
KILL_SECONDS = 10
PAUSE_SECONDS = 5
# How long the children of an ended process may take to end by themselves.
ORPHAN_SECONDS = 3

# Our own children: they stay as zombies until we ask for their status.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Process:
    """One process of one boot of this machine, alive or not."""

    pid: int
    started: int
    boot: str

    @property
    def alive(self) -> bool:
        """Whether the process still runs. Costs one small file of /proc."""
        if (child := _children.get(self.pid)) is not None and child.poll() is not None:
            del _children[self.pid]
        return self.boot == _boot_id() and _start_ticks(self.pid) == self.started

    @property
    def paused(self) -> bool:
        """Whether the process is stopped by SIGSTOP."""
        return self.alive and (_stat(self.pid) or ["?"])[0] in "Tt"

    def signal(self, number: int) -> None:
        """Send a signal to this process, and to no other process that has its pid by now."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def signal_tree(self, number: int) -> None:
        """Send a signal to the process, and then to all of its descendants.

        The process comes first, so that a parent does not replace the children that end.
        """
        tree = self.tree()
        self.signal(number)
        for process in tree[1:]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def tree(self) -> list[psutil.Process]:
        """Return the process and all of its descendants, itself first; nothing if it has ended."""
        if not self.alive:
            return []
        try:
            first = psutil.Process(self.pid)
            return [first, *first.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def wait(self, seconds: float) -> bool:
        """Wait for the end of the process; return whether it ended within that time."""
        end = time.monotonic() + seconds
        while self.alive:
            if time.monotonic() > end:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def terminate(self, number: int, seconds: float) -> None:
        """Ask the process to end with this signal; kill it if it has not after some seconds."""
        tree = self.tree()
        self.signal(number)
        # A paused process receives the signal only when it is continued.
        self.signal_tree(signal.SIGCONT)
        if not self.wait(seconds):
            self.signal_tree(signal.SIGKILL)
            self.wait(KILL_SECONDS)
        _reap(tree[1:])

    def kill(self) -> None:
        """Kill the process and its descendants, as a power cut would, and wait for their end."""
        tree = self.tree()
        self.signal_tree(signal.SIGKILL)
        self.wait(KILL_SECONDS)
        _reap(tree[1:])

    def pause(self) -> None:
        """Stop the process and its descendants with SIGSTOP, and wait until it is stopped."""
        self.signal_tree(signal.SIGSTOP)
        end = time.monotonic() + PAUSE_SECONDS
        while self.alive and not self.paused and time.monotonic() < end:
            time.sleep(POLL_SECONDS)

    def resume(self) -> None:
        """Continue the process and its descendants after ``pause``."""
        self.signal_tree(signal.SIGCONT)


def spawn(
    command: list[str], env: Mapping[str, str], log: Path, user: str | None = None
) -> Process:
    """Start a process, as ``user``, in a session of its own, which goes on when we end.

    Its output is appended to ``log``. Raises ``OSError`` if the program cannot be executed, and
    ``KeyError`` if the user does not exist.
    """
    with log.open("ab") as output:
        child = subprocess.Popen(  # noqa: S603 - our own commands
            command,
            cwd=PROJECT,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **credentials(user),
        )
    _children[child.pid] = child
    ticks = _start_ticks(child.pid)
    return Process(child.pid, -1 if ticks is None else ticks, _boot_id())


def credentials(user: str | None) -> dict[str, Any]:
    """Return the options of ``Popen`` that run a program as this user; none for ourselves.

    Raises ``KeyError`` if the user does not exist.
    """
    if user is None:
        return {}
    group = pwd.getpwnam(user).pw_gid
    return {"user": user, "group": group, "extra_groups": os.getgrouplist(user, group)}


def _reap(orphans: list[psutil.Process]) -> None:
    """Wait for the children of an ended process; kill those that do not end by themselves."""
    _, alive = psutil.wait_procs(orphans, timeout=ORPHAN_SECONDS)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=ORPHAN_SECONDS)


def _start_ticks(pid: int) -> int | None:
    """Return when a process was started; nothing if it has ended, zombies included."""
    fields = _stat(pid)
    return int(fields[19]) if fields and fields[0] not in "ZX" else None


def _stat(pid: int) -> list[str]:
    """Return the fields of ``/proc/PID/stat`` from the state on; nothing if there is no process."""
    try:
        # The second field is the program's name in brackets, which may hold anything.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


@cache
def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
