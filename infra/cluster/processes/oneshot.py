"""Runs programs that end by themselves while a cluster starts, and can cancel all of them."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

from infra.cluster.errors import ClusterError
from infra.cluster.processes.process import credentials
from infra.project import PROJECT

TIMEOUT_SECONDS = 300
# The end of a failed program's output that the error quotes.
OUTPUT_CHARACTERS = 4000


class OneShotRunner:
    """Runs programs from several threads; after ``cancel`` none starts until ``reset``."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._cancelled = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether programs were cancelled."""
        return self._cancelled.is_set()

    def run(
        self,
        what: str,
        command: list[str],
        env: Mapping[str, str],
        *,
        user: str | None = None,
        folder: Path = PROJECT,
    ) -> str:
        """Run a program to its end in ``folder``, as ``user``, and return what it printed.

        ``what`` names it in messages. Raises ``ClusterError`` with the end of its output if it
        fails, or if programs were cancelled, and ``subprocess.TimeoutExpired`` after five minutes.
        """
        # A session of its own: Ctrl-C in a terminal reaches us alone, and we cancel it.
        with self._lock:
            if self.cancelled:
                raise ClusterError(f"{what} was called off.")
            process = subprocess.Popen(  # noqa: S603 - our own commands
                command,
                cwd=folder,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
                **credentials(user),
            )
            self._running.add(process)
        return self._output_of(what, process)

    def cancel(self) -> None:
        """Terminate the programs that run now, and refuse those that would start."""
        with self._lock:
            self._cancelled.set()
            for process in self._running:
                process.terminate()

    def reset(self) -> None:
        """Allow programs to start again."""
        self._cancelled.clear()

    def _output_of(self, what: str, process: subprocess.Popen[str]) -> str:
        try:
            with process:
                output, _ = process.communicate(timeout=TIMEOUT_SECONDS)
        except BaseException:
            process.kill()
            raise
        finally:
            with self._lock:
                self._running.discard(process)
        if process.returncode:
            raise ClusterError(f"{what} failed:\n{output.strip()[-OUTPUT_CHARACTERS:]}")
        return output
