"""A cluster: the parts of one stage, started, watched and stopped."""

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
from infra.cluster.errors import ClusterError, DidNotStart
from infra.cluster.layout import Layout, claim, is_claimed, new_run_folder, purge_data
from infra.cluster.lifecycle import stopping
from infra.cluster.lifecycle.starting import Starter, tail
from infra.cluster.processes.oneshot import Tasks
from infra.cluster.processes.process import Process
from infra.cluster.servers.part import Part, Step
from infra.cluster.state import LOCK, State, StateFile, locked
from infra.cluster.topology import Plan, choose_port, require_programs
from infra.project import PROJECT

READY_SECONDS = 60
# The log that nginx keeps of requests, beside that of itself.
ACCESS = "access"


def silent(message: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class RunningPart:
    """What tests and measurements ask about a part."""

    name: str
    process: Process
    log: Path
    socket: str

    @property
    def pid(self) -> int:
        """Its first process."""
        return self.process.pid


class Cluster:
    """The cluster in one data folder, up or down."""

    def __init__(self, data: Path, report: Callable[[str], None] = silent) -> None:
        self.data = data.resolve()
        self.report = report
        self.file = StateFile(self.data)
        self.tasks = Tasks()

    # ------------------------------------------------------------ what it is
    @property
    def state(self) -> State:
        """What is written down; raises ``ClusterError`` where no cluster was started."""
        state = self.file.read()
        if state is None:
            raise ClusterError(f"No cluster is up in {self.data}.")
        return state

    @property
    def url(self) -> str:
        """The address of its front."""
        return self._plan.site.url

    @property
    def port(self) -> int:
        """The port of its front."""
        return self.state.port

    @property
    def env(self) -> dict[str, str]:
        """The environment of the site's processes, for commands on the same data."""
        return dict(self._plan.site.env)

    @property
    def parts(self) -> list[Part]:
        """The parts of its stage, running or not."""
        return self._plan.parts

    def part(self, name: str) -> RunningPart:
        """Return a part that was started."""
        part = self._named(name)
        process = self._process(name)
        if process is None:
            raise ClusterError(f"{name} was never started.")
        return RunningPart(name, process, self.layout.log(name), part.socket)

    def log(self, name: str) -> Path:
        """Return the log of a part that was started; ``access`` is that of nginx's requests."""
        if name != ACCESS:
            return self.part(name).log
        self.part("nginx")
        return self.layout.log(ACCESS)

    @property
    def layout(self) -> Layout:
        """Its folders."""
        return self._plan.layout

    # ------------------------------------------------------------ all of it
    def up(
        self,
        stage: int,
        *,
        port: int | None = None,
        env: Mapping[str, str] | None = None,
        delays: Mapping[str, str] | None = None,
    ) -> None:
        """Start what is missing of a stage and return when the site is ready.

        What runs already is left alone. On any failure, Ctrl-C included, all that was started is
        stopped again.
        """
        require_programs(stage)
        claim(self.data)
        with locked(self.data / LOCK):
            before = self._prepare(stage, port, env or {}, delays or {})
            try:
                self._start_all(fresh=not before)
            except BaseException:
                self.report("It failed: stopping what was started.")
                self._stop_except(before)
                raise

    def down(self, *, purge: bool = False) -> None:
        """Stop everything; with ``purge`` remove the data as well. Safe to repeat."""
        if not is_claimed(self.data):
            return
        with locked(self.data / LOCK):
            if (state := self.file.read()) is not None:
                stopping.stop_all(state.processes)
                shutil.rmtree(state.run, ignore_errors=True)
                self.file.path.unlink()
            if purge:
                purge_data(self.data)
        self.__dict__.pop("_plan", None)

    # ------------------------------------------------------------ one part
    def start(self, *names: str) -> None:
        """Start parts that are down, in this order, and wait until each answers."""
        for part in [self._named(name) for name in names]:
            self._starter().start(part)

    def stop(self, *names: str) -> None:
        """Stop parts in this order, in the way that loses nothing."""
        for name in names:
            if (process := self._known(name)) is not None:
                stopping.stop(name, process)

    def restart(self, *names: str) -> None:
        """Stop and start parts one after the other: the next waits until this one is ready."""
        for name in names:
            self.stop(name)
            self.start(name)

    def kill(self, *names: str) -> None:
        """Kill parts with all their processes, as a power cut would."""
        for name in names:
            if (process := self._known(name)) is not None:
                process.kill()

    def pause(self, *names: str) -> None:
        """Let parts hang: they keep their connections and answer nothing."""
        for process in filter(None, map(self._known, names)):
            process.pause()

    def resume(self, *names: str) -> None:
        """Let paused parts go on."""
        for process in filter(None, map(self._known, names)):
            process.resume()

    # ------------------------------------------------------------ inside
    def sql(self, name: str, query: str) -> list[tuple[Any, ...]]:
        """Run a statement as superuser on a PostgreSQL server and return its rows."""
        return self._plan.servers.sql(name, query)

    def lag(self, name: str) -> tuple[int, float]:
        """Return the bytes and the seconds that a replica is behind the primary."""
        return self._plan.servers.lag(name)

    def manage(self, *arguments: str) -> str:
        """Run a management command on this cluster's data and return what it printed."""
        return self._manage(self.env, *arguments)

    def manage_here(self, *arguments: str) -> int:
        """Run a management command in this terminal and return its status."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=PROJECT, env=self.env, check=False).returncode  # noqa: S603

    def ready(self) -> bool:
        """Tell whether the site is ready, asked at its front."""
        return self._plan.site.answers(str(self.port))

    def is_alive(self, name: str) -> bool:
        """Tell whether a part runs."""
        process = self._process(name)
        return process is not None and process.alive

    def _manage(self, env: Mapping[str, str], *arguments: str) -> str:
        what = f"manage.py {arguments[0]}"
        return self.tasks.run(what, [sys.executable, "manage.py", *arguments], env)

    @cached_property
    def _plan(self) -> Plan:
        return Plan.of(self.data, self.state, self.tasks)

    def _prepare(
        self, stage: int, port: int | None, env: Mapping[str, str], delays: Mapping[str, str]
    ) -> dict[str, Process]:
        """Write down what shall run; return what runs already."""
        state = self.file.read()
        alive = (
            {name: each for name, each in state.processes.items() if each.alive} if state else {}
        )
        if state and alive:
            state.refuse_another(stage, port, env, delays)
            return alive
        chosen = choose_port(port)
        if state:
            shutil.rmtree(state.run, ignore_errors=True)
        self.file.write(State(stage, chosen, new_run_folder(), dict(env), dict(delays)))
        self.__dict__.pop("_plan", None)
        return {}

    def _start_all(self, *, fresh: bool) -> None:
        self.tasks.called_off.clear()
        plan = self._plan
        plan.layout.make()
        if fresh and self.state.stage >= 2:
            plan.servers.forget_standbys()
        if fresh:
            names = ", ".join(part.name for part in plan.parts)
            self.report(f"Starting Stage {self.state.stage} in {self.data}: {names}.")
        steps = [
            Step("migrate", self._migrate, ("postgres",)),
            Step("static", self._collect_static),
        ]
        self._starter().run_all([*plan.parts, *(steps if fresh else [])])
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
                raise DidNotStart("The site", f"{self.url}/readyz does not answer 200", log)
            time.sleep(0.05)
        self.report(f"Stage {self.state.stage} is up at {self.url}")

    def _stop_except(self, before: Mapping[str, Process]) -> None:
        state = self.state
        started = {name: each for name, each in state.processes.items() if name not in before}
        stopping.stop_all(started)
        if not before:
            shutil.rmtree(state.run, ignore_errors=True)
            self.file.path.unlink()
            self.__dict__.pop("_plan", None)

    def _starter(self) -> Starter:
        return Starter(self.layout, self.tasks, self._process, self.file.remember, self.report)

    def _named(self, name: str) -> Part:
        for part in self.parts:
            if part.name == name:
                return part
        names = ", ".join(part.name for part in self.parts)
        raise ClusterError(f"Stage {self.state.stage} has no part {name!r}. It has: {names}.")

    def _process(self, name: str) -> Process | None:
        return self.state.processes.get(name)

    def _known(self, name: str) -> Process | None:
        self._named(name)
        return self._process(name)
