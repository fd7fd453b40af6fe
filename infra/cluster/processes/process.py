"""Start processes that outlive us, and know them again: a pid alone is not enough.

The kernel gives pids away again, so a process is its pid, the time it was started at (in ticks
since the machine booted) and the boot. Nothing is signalled that is not all three.
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
        """Whether it still runs. Costs one small file of /proc."""
        if (child := _children.get(self.pid)) is not None and child.poll() is not None:
            del _children[self.pid]
        return self.boot == _boot() and _start_ticks(self.pid) == self.started

    @property
    def paused(self) -> bool:
        """Whether it hangs on SIGSTOP."""
        return self.alive and (_stat(self.pid) or ["?"])[0] in "Tt"

    def signal(self, number: int) -> None:
        """Send a signal to this process and to no other that has its pid by now."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def signal_all(self, number: int) -> None:
        """Send a signal to it, and then to everything that it started and that still hangs on it.

        It comes first, so that it does not replace the others or mourn them.
        """
        family = self.family()
        self.signal(number)
        for process in family[1:]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def family(self) -> list[psutil.Process]:
        """Return it and everything that it started, it first; nothing if it is gone."""
        if not self.alive:
            return []
        try:
            first = psutil.Process(self.pid)
            return [first, *first.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def gone_within(self, seconds: float) -> bool:
        """Wait for its end; tell whether it came in time."""
        end = time.monotonic() + seconds
        while self.alive:
            if time.monotonic() > end:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def end(self, number: int, seconds: float) -> None:
        """Ask it to stop with this signal, and kill it if it has not after some seconds."""
        family = self.family()
        self.signal(number)
        # One that is paused would hear of it only when it goes on.
        self.signal_all(signal.SIGCONT)
        if not self.gone_within(seconds):
            self.signal_all(signal.SIGKILL)
            self.gone_within(5)
        _bury(family[1:])

    def pause(self) -> None:
        """Let it hang, and return when it does: the kernel may take its time."""
        self.signal_all(signal.SIGSTOP)
        end = time.monotonic() + 5
        while self.alive and not self.paused and time.monotonic() < end:
            time.sleep(POLL_SECONDS)

    def resume(self) -> None:
        """Let it go on."""
        self.signal_all(signal.SIGCONT)

    def kill(self) -> None:
        """Kill it and all that it started, as a power cut would, and wait until they are gone."""
        family = self.family()
        self.signal_all(signal.SIGKILL)
        self.gone_within(10)
        _bury(family[1:])


def start(
    command: list[str], env: Mapping[str, str], log: Path, user: str | None = None
) -> Process:
    """Start a process in a session of its own, which goes on when we end."""
    with log.open("ab") as output:
        child = subprocess.Popen(  # noqa: S603 - our own commands
            command,
            cwd=PROJECT,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **identity(user),
        )
    _children[child.pid] = child
    ticks = _start_ticks(child.pid)
    return Process(child.pid, -1 if ticks is None else ticks, _boot())


def identity(user: str | None) -> dict[str, Any]:
    """Return the options that make ``Popen`` run as this user; none for ourselves."""
    if user is None:
        return {}
    group = pwd.getpwnam(user).pw_gid
    return {"user": user, "group": group, "extra_groups": os.getgrouplist(user, group)}


def _bury(family: list[psutil.Process]) -> None:
    """Wait for those that a process leaves behind; kill what does not go by itself."""
    _, alive = psutil.wait_procs(family, timeout=3)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=3)


def _start_ticks(pid: int) -> int | None:
    """Return when a process was started; nothing if it is gone or waits for its parent only."""
    fields = _stat(pid)
    return int(fields[19]) if fields and fields[0] not in "ZX" else None


def _stat(pid: int) -> list[str]:
    """Return what the kernel says of a process from its state on; nothing if it is gone."""
    try:
        # The second field is the program's name in brackets, which may hold anything.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


@cache
def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
