"""Commands that help to start a cluster and end by themselves, and can be called off."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

from infra.cluster.errors import ClusterError
from infra.cluster.processes.process import identity
from infra.project import PROJECT

SECONDS = 300


class Tasks:
    """The commands that run now; after ``call_off`` none starts any more."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self.called_off = threading.Event()

    def run(
        self,
        what: str,
        command: list[str],
        env: Mapping[str, str],
        *,
        user: str | None = None,
        folder: Path = PROJECT,
    ) -> str:
        """Run a command to its end and return what it printed.

        Raises ``ClusterError`` with its output if it fails.
        """
        # A session of its own: Ctrl-C in a terminal reaches us alone, and we call it off.
        with self._lock:
            if self.called_off.is_set():
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
                **identity(user),
            )
            self._running.add(process)
        return self._outcome(what, process)

    def call_off(self) -> None:
        """End what runs now."""
        with self._lock:
            self.called_off.set()
            for process in self._running:
                process.terminate()

    def _outcome(self, what: str, process: subprocess.Popen[str]) -> str:
        try:
            with process:
                output, _ = process.communicate(timeout=SECONDS)
        except BaseException:
            process.kill()
            raise
        finally:
            with self._lock:
                self._running.discard(process)
        if process.returncode:
            raise ClusterError(f"{what} failed:\n{output.strip()[-4000:]}")
        return output
