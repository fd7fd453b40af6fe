"""The state file of a running cluster, by which any later command finds its processes."""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from infra.cluster.errors import ClusterError
from infra.cluster.processes.process import Process

FILE = "cluster.json"
LOCK = "cluster.lock"
LOCK_SECONDS = 60


@dataclass
class State:
    """Which stage runs where, with which options, and which processes are its parts.

    ``run`` is the folder of sockets, ``env`` the additional variables of the site, ``delays`` the
    replay delay of each replica as PostgreSQL writes it (``5s``), ``ports`` those of Redis and its
    Sentinels by part, empty where there are none.
    """

    stage: int
    port: int
    run: str
    env: dict[str, str] = field(default_factory=dict)
    delays: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)

    def refuse_other_options(
        self,
        stage: int,
        port: int | None,
        env: Mapping[str, str],
        delays: Mapping[str, str],
        *,
        sentinels: bool,
    ) -> None:
        """Raise ``ClusterError`` if these options differ from those of the running cluster."""
        conflict: str | None = None
        if stage != self.stage:
            conflict = f"Stage {self.stage} is up here"
        elif port not in {None, 0, self.port}:
            conflict = f"It is up on port {self.port}"
        elif (
            (env and env != self.env)
            or (delays and delays != self.delays)
            or (sentinels and not self.ports)
        ):
            conflict = "It is up with other options"
        if conflict:
            raise ClusterError(f"{conflict}: take it down first (cluster down).")


class StateFile:
    """The state in its file, which is replaced as a whole, so that no reader sees half of it."""

    def __init__(self, data: Path) -> None:
        self.path = data / FILE
        self._lock = threading.Lock()

    def read(self) -> State | None:
        """Return the state; nothing if no cluster was started here.

        Raises ``ClusterError`` if the file is damaged.
        """
        try:
            values = json.loads(self.path.read_text())
        except FileNotFoundError:
            return None
        except ValueError:
            raise ClusterError(f"{self.path} cannot be read: it is not what we wrote.") from None
        processes = {name: Process(**each) for name, each in values.pop("processes").items()}
        return State(**values, processes=processes)

    def write(self, state: State) -> None:
        """Replace the file; its owner alone may read it."""
        with self._lock:
            new = self.path.with_suffix(".new")
            new.touch(mode=0o600)
            new.write_text(json.dumps(asdict(state), indent=2) + "\n")
            new.replace(self.path)

    def record(self, name: str, process: Process) -> None:
        """Write down the process of a part. Raises ``ClusterError`` if the cluster is down."""
        with self._updating() as state:
            state.processes[name] = process

    @contextmanager
    def _updating(self) -> Iterator[State]:
        with locked(self.path.with_suffix(".state")):
            state = self.read()
            if state is None:
                raise ClusterError("The cluster is down.")
            yield state
            self.write(state)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file ``path`` for the body of the ``with``; it is freed if we are killed.

    Raises ``ClusterError`` if another command holds it for ``LOCK_SECONDS``.
    """
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _acquire(lock, path)
        yield
    finally:
        os.close(lock)


def _acquire(lock: int, path: Path) -> None:
    end = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise ClusterError(f"Another command is at work in {path.parent}.") from None
            time.sleep(0.05)
        else:
            return
