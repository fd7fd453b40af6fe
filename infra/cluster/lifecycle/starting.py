"""Starts parts and runs steps in the order of their dependencies, as many at once as possible."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

from infra.cluster.errors import ClusterError, StartFailed
from infra.cluster.layout import Layout
from infra.cluster.processes.oneshot import OneShotRunner
from infra.cluster.processes.process import Process, spawn
from infra.cluster.servers.part import Part, Step

START_SECONDS = 60
POLL_SECONDS = 0.05
# The end of a log that an error quotes.
LOG_LINES = 20


@dataclass(frozen=True)
class Starter:
    """Starts parts of one cluster.

    ``process_of`` returns the process that a part has by its state, ``record`` writes down a new
    one, and ``report`` gets one sentence for each part that is up.
    """

    layout: Layout
    runner: OneShotRunner
    process_of: Callable[[str], Process | None]
    record: Callable[[str, Process], None]
    report: Callable[[str], None]

    def run_all(self, jobs: Sequence[Part | Step]) -> None:
        """Start all parts and run all steps.

        The first failure cancels the others and is raised: ``StartFailed`` or another
        ``ClusterError``.
        """
        by_name: Mapping[str, Part | Step] = {job.name: job for job in jobs}
        order = TopologicalSorter(
            {job.name: [need for need in job.depends_on if need in by_name] for job in jobs}
        )
        order.prepare()
        with ThreadPoolExecutor(len(jobs) or 1) as pool:
            try:
                self._run_in_order(order, by_name, pool)
            except BaseException:
                self.runner.cancel()
                raise

    def start(self, part: Part) -> None:
        """Start one part and wait until it is ready; a part that was paused is resumed.

        Raises ``StartFailed`` with the end of its log if it ends or is not ready in time, and
        ``ClusterError`` if the start was cancelled.
        """
        if (known := self.process_of(part.name)) is not None and known.alive:
            if known.paused:
                known.resume()
            return
        began = time.monotonic()
        part.before_start()
        log = self.layout.log(part.name)
        size = log.stat().st_size if log.exists() else 0
        self._refuse_if_cancelled(part)
        process = spawn(part.command, part.env, log, part.user)
        self.record(part.name, process)
        self._wait_until_ready(part, process, log, size)
        part.after_start()
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
                pending[pool.submit(self._run, by_name[name])] = name
            finished, _ = wait(pending, return_when=FIRST_COMPLETED)
            for future in finished:
                future.result()
                order.done(pending.pop(future))

    def _run(self, job: Part | Step) -> None:
        if isinstance(job, Part):
            self.start(job)
        else:
            job.run()

    def _wait_until_ready(self, part: Part, process: Process, log: Path, size: int) -> None:
        """Probe a part until it is ready; ``size`` is where its log began with this start."""
        began = time.monotonic()
        end = began + START_SECONDS
        while True:
            is_ready = time.monotonic() >= began + part.settling_seconds and part.is_ready()
            if not process.alive:
                raise StartFailed(part.name, "it ended", tail(log, LOG_LINES, size))
            if is_ready:
                return
            if time.monotonic() > end:
                reason = f"it did not answer within {START_SECONDS} s"
                raise StartFailed(part.name, reason, tail(log, LOG_LINES, size))
            self._refuse_if_cancelled(part)
            time.sleep(POLL_SECONDS)

    def _refuse_if_cancelled(self, part: Part) -> None:
        if self.runner.cancelled:
            raise ClusterError(f"{part.name} was called off.")


def tail(log: Path, lines: int, since: int = 0) -> str:
    """Return the last lines of a log, from the byte ``since`` on at most.

    Raises ``FileNotFoundError`` if there is no such file.
    """
    with log.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(max(since, end - lines * 400))
        text = file.read().decode(errors="replace").splitlines()
    return "\n".join(text[-lines:]) or "(it is empty)"
