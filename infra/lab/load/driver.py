"""Start the generator of load, follow it line by line, and end it early on Ctrl-C."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any

import psutil

from infra.lab.load.spec import LoadSpec
from infra.project import PROJECT

# Connections of the people, and some for everything else.
SPARE_FILES = 200
STOP_SECONDS = 10
# Of the generator itself and of each of its people.
LEAST_MEMORY, MEMORY_EACH = 200 * 1024**2, 200 * 1024


class CannotMeasure(Exception):
    """Why a run is impossible or has failed, as a sentence that says what to do."""


def check_machine(users: int) -> None:
    """Raise the limit of open files where that is allowed, and check files and memory.

    Raises ``CannotMeasure`` if this machine cannot hold ``users`` simulated people.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = users + SPARE_FILES
    if soft < needed <= hard or (hard == resource.RLIM_INFINITY and soft < needed):
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    elif hard < needed:
        raise CannotMeasure(
            f"{users} people need {needed} open files; this machine allows {hard}. "
            "Use fewer --users, or raise the limit (ulimit -n)."
        )

    free = psutil.virtual_memory().available
    if free < LEAST_MEMORY + users * MEMORY_EACH:
        raise CannotMeasure(
            f"{users} people do not fit into the {free // 1024**2} MB of memory that are free. "
            "Use fewer --users, or a larger machine."
        )


def drive(
    load: LoadSpec,
    *,
    opened: Callable[[], None],
    closed: Callable[[], None],
    progress: Callable[[dict[str, Any]], None],
    enough: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Run a load and return the generator's result.

    ``opened`` and ``closed`` are called at the ends of the measured window. ``enough`` is asked
    every second whether to end it; Ctrl-C ends it, too, and a second one gives up. Raises
    ``CannotMeasure`` if the generator cannot begin.
    """
    check_machine(load.users)
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.lab.load.generator"],
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C reaches this process only, which hands it on
    )
    try:
        following = _GeneratorOutput(
            process, {"opened": opened, "closed": closed}, progress, enough
        )
        return following.follow(load)
    finally:
        _end(process)


class _GeneratorOutput:
    """The lines of JSON that a generator writes."""

    def __init__(
        self,
        process: subprocess.Popen[str],
        calls: dict[str, Callable[[], None]],
        progress: Callable[[dict[str, Any]], None],
        enough: Callable[[], bool],
    ) -> None:
        self.process = process
        self.calls = calls
        self.progress = progress
        self.enough = enough
        self.by_hand = self.asked_to_stop = False

    def follow(self, load: LoadSpec) -> dict[str, Any]:
        _given(self.process.stdin).write(load.to_json() + "\n")
        _given(self.process.stdin).close()
        while True:
            try:
                line = self._next()
            except KeyboardInterrupt:
                if self.by_hand:
                    raise
                self.by_hand = True
                self._stop()
                continue
            if "error" in line:
                raise CannotMeasure(line["error"])
            if "result" in line:
                return {**line["result"], "stopped_early": self.by_hand}
            self._take(line)

    def _take(self, line: dict[str, Any]) -> None:
        for name, call in self.calls.items():
            if name in line:
                call()
                return
        self.progress(line)
        if not self.asked_to_stop and self.enough():
            self._stop()

    def _stop(self) -> None:
        self.asked_to_stop = True
        self.process.send_signal(signal.SIGTERM)

    def _next(self) -> dict[str, Any]:
        text = _given(self.process.stdout).readline()
        if not text:
            last = _given(self.process.stderr).read().strip().splitlines()[-1:]
            raise CannotMeasure(f"The load generator has ended: {' '.join(last) or 'no reason'}")
        return dict(json.loads(text))


def _given(stream: IO[str] | None) -> IO[str]:
    """Return a stream that ``Popen`` was asked to open."""
    if stream is None:
        raise ValueError("The process was started without its streams.")
    return stream


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            with suppress(OSError):
                stream.close()
