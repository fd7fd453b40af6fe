"""Start parts and do steps in the order that they need, as many at once as may be."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

from infra.cluster.errors import ClusterError, DidNotStart
from infra.cluster.layout import Layout
from infra.cluster.processes.oneshot import Tasks
from infra.cluster.processes.process import Process, start
from infra.cluster.servers.part import Part, Step

START_SECONDS = 60
LOG_LINES = 20


@dataclass(frozen=True)
class Starter:
    """Starts parts of one cluster, tells about it, and notes each process at once."""

    layout: Layout
    tasks: Tasks
    running: Callable[[str], Process | None]
    remember: Callable[[str, Process], None]
    report: Callable[[str], None]

    def run_all(self, jobs: Sequence[Part | Step]) -> None:
        """Do all of them; the first failure calls the others off and is raised."""
        by_name: Mapping[str, Part | Step] = {job.name: job for job in jobs}
        order = TopologicalSorter(
            {job.name: [need for need in job.needs if need in by_name] for job in jobs}
        )
        order.prepare()
        with ThreadPoolExecutor(len(jobs) or 1) as pool:
            try:
                self._run_in_order(order, by_name, pool)
            except BaseException:
                self.tasks.call_off()
                raise

    def start(self, part: Part) -> None:
        """Start one part and wait until it answers; it goes on if it was paused.

        Raises ``DidNotStart`` with the end of its log if it ends or does not answer in time.
        """
        if (known := self.running(part.name)) is not None and known.alive:
            if known.paused:
                known.resume()
            return
        began = time.monotonic()
        part.prepare()
        log = self.layout.log(part.name)
        size = log.stat().st_size if log.exists() else 0
        if self.tasks.called_off.is_set():
            raise ClusterError(f"{part.name} was called off.")
        process = start(part.command, part.env, log, part.user)
        self.remember(part.name, process)
        self._wait_for(part, process, log, size)
        part.settle()
        self.report(f"{part.name} ({part.role}) is up after {time.monotonic() - began:.1f} s.")

    def _run_in_order(
        self,
        order: TopologicalSorter[str],
        by_name: Mapping[str, Part | Step],
        pool: ThreadPoolExecutor,
    ) -> None:
        pending: dict[Future[None], str] = {}
        while order.is_active():
            for name in order.get_ready():
                pending[pool.submit(self._do, by_name[name])] = name
            finished, _ = wait(pending, return_when=FIRST_COMPLETED)
            for future in finished:
                future.result()
                order.done(pending.pop(future))

    def _do(self, job: Part | Step) -> None:
        if isinstance(job, Part):
            self.start(job)
        else:
            job.run()

    def _wait_for(self, part: Part, process: Process, log: Path, size: int) -> None:
        began = time.monotonic()
        end = began + START_SECONDS
        while True:
            answers = time.monotonic() >= began + part.patience and part.answers()
            if not process.alive:
                raise DidNotStart(part.name, "it ended", tail(log, LOG_LINES, size))
            if answers:
                return
            if time.monotonic() > end:
                reason = f"it did not answer within {START_SECONDS} s"
                raise DidNotStart(part.name, reason, tail(log, LOG_LINES, size))
            if self.tasks.called_off.is_set():
                raise ClusterError(f"{part.name} was called off.")
            time.sleep(0.05)


def tail(log: Path, lines: int, since: int = 0) -> str:
    """Return the last lines of a log, of what was written behind ``since``."""
    with log.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(max(since, end - lines * 400))
        text = file.read().decode(errors="replace").splitlines()
    return "\n".join(text[-lines:]) or "(it is empty)"
