"""A cluster: the parts of one stage in one data folder, to start, disturb, ask and stop."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.cluster import static_files
from infra.cluster.errors import ClusterError, StartFailed
from infra.cluster.layout import Layout, claim, is_claimed, new_run_folder, purge_data
from infra.cluster.lifecycle import stopping
from infra.cluster.lifecycle.starting import Starter, tail
from infra.cluster.processes.oneshot import OneShotRunner
from infra.cluster.processes.process import Process
from infra.cluster.servers.part import Part, Step
from infra.cluster.servers.sentinel import SENTINELS, SERVERS
from infra.cluster.state import LOCK, State, StateFile, locked
from infra.cluster.topology import Topology, choose_port, require_programs
from infra.project import PROJECT, free_port

READY_SECONDS = 60
POLL_SECONDS = 0.05
# The name of nginx's log of requests, beside its own log.
ACCESS_LOG = "access"


def discard(message: str) -> None:
    """Discard a progress message."""


@dataclass(frozen=True)
class RunningPart:
    """A part that was started: its process (which may have ended), log file and socket path."""

    name: str
    process: Process
    log: Path
    socket: str

    @property
    def pid(self) -> int:
        """The pid of its first process."""
        return self.process.pid


class Cluster:
    """The cluster in one data folder, up or down.

    Methods raise ``ClusterError`` where they need a cluster that is up and there is none, or a
    part that the stage does not have. ``report`` gets a sentence for each step.
    """

    def __init__(self, data: Path, report: Callable[[str], None] = discard) -> None:
        self.data = data.resolve()
        self.report = report
        self.file = StateFile(self.data)
        self.runner = OneShotRunner()

    # ------------------------------------------------------------ properties
    @property
    def state(self) -> State:
        """What the state file says; raises ``ClusterError`` if no cluster is up."""
        state = self.file.read()
        if state is None:
            raise ClusterError(f"No cluster is up in {self.data}.")
        return state

    @property
    def url(self) -> str:
        """The address of the site's front."""
        return self._topology.site.url

    @property
    def port(self) -> int:
        """The port of the site's front."""
        return self.state.port

    @property
    def env(self) -> dict[str, str]:
        """The whole environment of the site's processes, for commands on this cluster's data."""
        return dict(self._topology.site.env)

    @property
    def parts(self) -> list[Part]:
        """The parts of its stage, running or not."""
        return self._topology.parts

    @property
    def layout(self) -> Layout:
        """Its folders."""
        return self._topology.layout

    def part(self, name: str) -> RunningPart:
        """Return a part that was started. Raises ``ClusterError`` if it never was."""
        part = self._named(name)
        process = self._process_of(name)
        if process is None:
            raise ClusterError(f"{name} was never started.")
        return RunningPart(name, process, self.layout.log(name), part.socket)

    def log(self, name: str) -> Path:
        """Return the log file of a part that was started; ``access`` is nginx's log of requests.

        Raises ``ClusterError`` if the part was never started.
        """
        if name != ACCESS_LOG:
            return self.part(name).log
        self.part("nginx")
        return self.layout.log(ACCESS_LOG)

    # ------------------------------------------------------------ the whole cluster
    def up(
        self,
        stage: int,
        *,
        port: int | None = None,
        env: Mapping[str, str] | None = None,
        delays: Mapping[str, str] | None = None,
        sentinels: bool = False,
    ) -> None:
        """Start the parts of a stage that do not run, and return when the site is ready.

        ``port`` is that of the front (``None``: 8000, or a free one; 0: a free one), ``env`` are
        variables of the site, ``delays`` replay delays by replica (``5s``), ``sentinels`` whether
        Stage 5 has a second Redis and Sentinels. On any failure, Ctrl-C included, all parts that
        were started are stopped again. Raises ``ClusterError``
        if a server is missing, the port is in use, another stage is up or a part does not start.
        """
        require_programs(stage, sentinels=sentinels)
        claim(self.data)
        with locked(self.data / LOCK):
            before = self._prepare(stage, port, env or {}, delays or {}, sentinels=sentinels)
            try:
                self._start_all(fresh=not before)
            except BaseException:
                self.report("It failed: stopping what was started.")
                self._stop_except(before)
                raise

    def down(self, *, purge: bool = False) -> None:
        """Stop all parts; with ``purge`` remove the data as well. Safe to repeat."""
        if not is_claimed(self.data):
            return
        with locked(self.data / LOCK):
            if (state := self.file.read()) is not None:
                stopping.stop_all(state.processes)
                shutil.rmtree(state.run, ignore_errors=True)
                self.file.path.unlink()
            if purge:
                purge_data(self.data)
        self.__dict__.pop("_topology", None)

    # ------------------------------------------------------------ single parts
    def start(self, *names: str) -> None:
        """Start parts that are down, in this order, and wait until each is ready.

        Raises ``StartFailed`` for the first that is not.
        """
        for part in [self._named(name) for name in names]:
            self._starter().start(part)

    def stop(self, *names: str) -> None:
        """Stop parts in this order, each by the signal that loses nothing."""
        for name in names:
            if (process := self._checked_process(name)) is not None:
                stopping.stop(name, process)

    def restart(self, *names: str) -> None:
        """Stop and start each part, and wait until it is ready before the next one.

        Raises ``StartFailed`` for the first that is not.
        """
        for name in names:
            self.stop(name)
            self.start(name)

    def kill(self, *names: str) -> None:
        """Kill parts with all of their processes (SIGKILL), as a power cut would."""
        for name in names:
            if (process := self._checked_process(name)) is not None:
                process.kill()

    def pause(self, *names: str) -> None:
        """Let parts hang (SIGSTOP): they keep their connections and answer nothing."""
        for process in filter(None, map(self._checked_process, names)):
            process.pause()

    def resume(self, *names: str) -> None:
        """Continue parts that were paused."""
        for process in filter(None, map(self._checked_process, names)):
            process.resume()

    # ------------------------------------------------------------ questions and commands
    def sql(self, name: str, query: str) -> list[tuple[Any, ...]]:
        """Run a statement as superuser on the PostgreSQL server ``name`` and return its rows.

        Raises ``psycopg.Error`` if the server does not answer or refuses the statement.
        """
        return self._topology.postgres.sql(name, query)

    def lag(self, name: str) -> tuple[int, float]:
        """Return the bytes of write-ahead log and the seconds that a replica is behind.

        Raises ``psycopg.Error`` while the replica or the primary does not answer.
        """
        return self._topology.postgres.lag(name)

    def manage(self, *arguments: str) -> str:
        """Run a management command on this cluster's data and return what it printed.

        Raises ``ClusterError`` with the end of its output if it fails.
        """
        return self._manage(self.env, *arguments)

    def manage_here(self, *arguments: str) -> int:
        """Run a management command in this terminal and return its exit status."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=PROJECT, env=self.env, check=False).returncode  # noqa: S603

    def ready(self) -> bool:
        """Tell whether the front answers ``/readyz`` with 200. Costs one request."""
        return self._topology.site.is_ready(str(self.port))

    def is_alive(self, name: str) -> bool:
        """Tell whether the first process of a part runs."""
        process = self._process_of(name)
        return process is not None and process.alive

    def _manage(self, env: Mapping[str, str], *arguments: str) -> str:
        what = f"manage.py {arguments[0]}"
        return self.runner.run(what, [sys.executable, "manage.py", *arguments], env)

    @cached_property
    def _topology(self) -> Topology:
        return Topology.of(self.data, self.state, self.runner)

    def _prepare(
        self,
        stage: int,
        port: int | None,
        env: Mapping[str, str],
        delays: Mapping[str, str],
        *,
        sentinels: bool,
    ) -> dict[str, Process]:
        """Write a new state file unless parts run; return the processes of those that do.

        Raises ``ClusterError`` if they run with other options.
        """
        state = self.file.read()
        alive = (
            {name: each for name, each in state.processes.items() if each.alive} if state else {}
        )
        if state and alive:
            state.refuse_other_options(stage, port, env, delays, sentinels=sentinels)
            return alive
        chosen = choose_port(port)
        if state:
            shutil.rmtree(state.run, ignore_errors=True)
        ports = {name: free_port() for name in (*SERVERS, *SENTINELS)} if sentinels else {}
        self.file.write(State(stage, chosen, new_run_folder(), dict(env), dict(delays), ports))
        self.__dict__.pop("_topology", None)
        return {}

    def _start_all(self, *, fresh: bool) -> None:
        self.runner.reset()
        topology = self._topology
        topology.layout.make()
        if fresh and self.state.stage >= 2:
            topology.postgres.forget_standbys()
        if fresh:
            names = ", ".join(part.name for part in topology.parts)
            self.report(f"Starting Stage {self.state.stage} in {self.data}: {names}.")
            for note in topology.notes:
                self.report(note)
        steps = [
            Step("migrate", self._migrate, ("postgres",)),
            Step("static", self._collect_static),
        ]
        self._starter().run_all([*topology.parts, *(steps if fresh else [])])
        self._wait_until_ready()

    def _migrate(self) -> None:
        self.manage("migrate", "--verbosity", "0")
        self.report("The database has all migrations.")

    def _collect_static(self) -> None:
        def collector(env: Mapping[str, str]) -> None:
            self.report("Collecting and compressing static files, once for this version ...")
            self._manage({**self.env, **env}, "collectstatic", "--no-input", "--verbosity", "0")

        static_files.collect(self.layout.site, collector)
        self.report("Static files are there.")

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + READY_SECONDS
        while not self.ready():
            if time.monotonic() > end:
                log = tail(self.layout.log("web1"), 20)
                raise StartFailed("The site", f"{self.url}/readyz does not answer 200", log)
            time.sleep(POLL_SECONDS)
        self.report(f"Stage {self.state.stage} is up at {self.url}")

    def _stop_except(self, before: Mapping[str, Process]) -> None:
        state = self.state
        started = {name: each for name, each in state.processes.items() if name not in before}
        stopping.stop_all(started)
        if not before:
            shutil.rmtree(state.run, ignore_errors=True)
            self.file.path.unlink()
            self.__dict__.pop("_topology", None)

    def _starter(self) -> Starter:
        return Starter(self.layout, self.runner, self._process_of, self.file.record, self.report)

    def _named(self, name: str) -> Part:
        for part in self.parts:
            if part.name == name:
                return part
        names = ", ".join(part.name for part in self.parts)
        raise ClusterError(f"Stage {self.state.stage} has no part {name!r}. It has: {names}.")

    def _process_of(self, name: str) -> Process | None:
        return self.state.processes.get(name)

    def _checked_process(self, name: str) -> Process | None:
        """Return the process of a part. Raises ``ClusterError`` if the stage has no such part."""
        self._named(name)
        return self._process_of(name)
