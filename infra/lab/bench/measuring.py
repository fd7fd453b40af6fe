"""Measure contestants in turn, row by row and round by round."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from random import Random
from statistics import median

from infra.lab.bench.client import Client
from infra.lab.bench.contestants import Contestant, Statements
from infra.lab.bench.rows import Row
from infra.lab.bench.wrk import Request, Sent, send

# Before each measurement, since others have had the CPU's caches meanwhile.
WARM_UP_SECONDS = 1
# On a machine that is busy a time may bring nothing: then it is made longer, up to this.
LONGER, LONGEST_SECONDS = 4, 60
# An answer to work that is still to be done, how long that may take, and how often to look.
ACCEPTED = 202
DONE_SECONDS, DONE_POLL_SECONDS = 60, 0.2


@dataclass(frozen=True)
class Sample:
    """One measurement of one row: CPU milliseconds per request by kind of server, and the rest.

    ``statements`` are those per request, if they are counted.
    """

    cpu_ms: Mapping[str, float]
    statements: Statements | None
    per_second: float
    p50: float
    p99: float

    @property
    def all_ms(self) -> float:
        """The CPU milliseconds of all servers together."""
        return sum(self.cpu_ms.values())


@dataclass
class Cell:
    """What one row has cost one contestant, round by round, or why it could not be measured."""

    samples: list[Sample] = field(default_factory=list)
    missing: str = ""

    @property
    def all_ms(self) -> float | None:
        """The median of the CPU milliseconds of all servers; nothing if it was not measured."""
        return None if self.missing else median(each.all_ms for each in self.samples)

    @property
    def range_ms(self) -> tuple[float, float]:
        """The least and the most of all rounds."""
        costs = [each.all_ms for each in self.samples]
        return min(costs), max(costs)

    @property
    def statements(self) -> Statements | None:
        """The medians of the statements per request, if they are counted."""
        counts = [each.statements for each in self.samples if each.statements is not None]
        if not counts:
            return None
        return Statements(median(one.sent for one in counts), median(one.checks for one in counts))

    @property
    def rates(self) -> tuple[float, float, float]:
        """The medians of requests per second, and of p50 and p99 in milliseconds."""
        return (
            median(each.per_second for each in self.samples),
            median(each.p50 for each in self.samples),
            median(each.p99 for each in self.samples),
        )

    def kind_ms(self, kind: str) -> float | None:
        """Return the median of one kind of server; nothing if the contestant has none."""
        costs = [each.cpu_ms[kind] for each in self.samples if kind in each.cpu_ms]
        return median(costs) if costs else None


@dataclass(frozen=True)
class Extent:
    """How much is measured: rounds, seconds of each measurement, and words of the rows."""

    rounds: int = 3
    seconds: float = 3
    rows: Sequence[Row] = ()


Cells = dict[tuple[str, str], Cell]


class CannotMeasure(Exception):
    """A row cannot be measured at a contestant; the message says why."""


def measure(
    contestants: Sequence[Contestant], extent: Extent, report: Callable[[str], None]
) -> Cells:
    """Return what each row costs each contestant, by the names of both.

    In each round the contestants take turns within a row, beginning with another one. A row that
    is refused, or that a contestant does not have, is not measured again and says why. Raises
    ``CannotSend`` if wrk fails.
    """
    cells: Cells = {(one.label, row.name): Cell() for one in contestants for row in extent.rows}
    for number in range(extent.rounds):
        for place, row in enumerate(extent.rows):
            first = (number + place) % len(contestants)
            for one in [*contestants[first:], *contestants[:first]]:
                cell = cells[one.label, row.name]
                if cell.missing:
                    continue
                try:
                    cell.samples.append(sample(one, row, extent.seconds, number))
                except CannotMeasure as error:
                    cell.missing = str(error)
            report(_line(number, row, contestants, cells))
    return cells


def sample(one: Contestant, row: Row, seconds: float, number: int) -> Sample:
    """Return what a row costs a contestant now.

    Where a connection has not brought one answer each, the time is made longer. Raises
    ``CannotMeasure`` if the row is refused, and ``CannotSend`` if wrk fails.
    """
    # Equal for all contestants, and another in each round.
    requests = one.requests(row, Random(f"{row.name} {number}"))
    if not requests:
        raise CannotMeasure("not there")
    _check(one, row, requests[0])
    if not row.one_by_one:
        send(one.port, requests, connections=row.connections, seconds=WARM_UP_SECONDS)
        # What was prepared is different where it must not repeat.
        requests = one.requests(row, Random(f"{row.name} {number} measured"))
    statements, before = one.statements(), one.cpu()
    if row.one_by_one:
        sent = _send_one_by_one(one, requests[1:])
    else:
        sent = send(one.port, requests, connections=row.connections, seconds=seconds)
    after, run = one.cpu(), one.statements()
    if _is_too_short(row, sent) and seconds < LONGEST_SECONDS:
        return sample(one, row, LONGER * seconds, number)
    if sent.refused or sent.lost or not sent.requests:
        raise CannotMeasure(
            f"of {sent.requests} requests {sent.refused} were refused and {sent.lost} lost"
        )
    return Sample(
        cpu_ms={kind: (after[kind] - before[kind]) / sent.requests * 1000 for kind in after},
        statements=run and statements and run.per_request(statements, sent.requests),
        per_second=sent.requests / sent.seconds,
        p50=sent.p50,
        p99=sent.p99,
    )


def _is_too_short(row: Row, sent: Sent) -> bool:
    """Tell whether a time was so short that each connection has brought less than one answer."""
    wanted = 1 if row.one_by_one else row.connections
    return sent.requests < wanted and not sent.refused and not sent.lost


def _check(one: Contestant, row: Row, request: Request) -> None:
    """Raise ``CannotMeasure`` if a request is not answered as the row expects."""
    with closing(Client(one.port)) as client:
        status, _, _ = client.ask(request)
    if status not in row.statuses:
        raise CannotMeasure(f"{request.method} {request.path} answered {status}")


def _send_one_by_one(one: Contestant, requests: Sequence[Request]) -> Sent:
    """Send each request once, over one connection, and wait until what was begun is done.

    Raises ``CannotMeasure`` for work that is not done in time.
    """
    took, refused, begun = [], 0, []
    with closing(Client(one.port)) as client:
        for request in requests:
            began = time.perf_counter()
            status, _, answer = client.ask(request)
            took.append(time.perf_counter() - began)
            refused += status >= 400
            if status == ACCEPTED:
                begun.append(str(json.loads(answer)["id"]))
    end = time.monotonic() + DONE_SECONDS
    while begun and not one.is_done(begun):
        if time.monotonic() > end:
            raise CannotMeasure(f"what it has accepted was not done within {DONE_SECONDS} s")
        time.sleep(DONE_POLL_SECONDS)
    return Sent(len(requests), sum(took), refused, 0, median(took) * 1000, max(took) * 1000)


def _line(number: int, row: Row, contestants: Sequence[Contestant], cells: Cells) -> str:
    """Return one line of progress: what the row has cost just now."""
    costs = []
    for one in contestants:
        cell = cells[one.label, row.name]
        costs.append("-" if cell.missing else f"{cell.samples[-1].all_ms:.3f}")
    return f"Round {number + 1}, {row.name}: {', '.join(costs)} ms"
