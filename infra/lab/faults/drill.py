"""Break parts while people use a stage, and compare their answers with the declared table."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPException
from typing import Any

from rich.console import Console

from infra.cluster import ClusterError
from infra.lab.faults.expectations import PAGE, AllowedAnswer, Expectation
from infra.lab.faults.injection import FAULTS
from infra.lab.load import response_checks
from infra.lab.load.driver import CannotMeasure
from infra.lab.load.spec import FAULT_MIX
from infra.lab.measure.stress import NO_CONSOLE, load_for, stress
from infra.lab.measure.target import Target
from infra.lab.records import Drill, Record

PEOPLE = 30
THINK = 0.3
BEFORE, HOLD, AFTER = 3.0, 6.0, 6.0
TIMEOUT = 5.0
# Of a whole drill: it ends earlier, some seconds after the fault is mended.
LONGEST = 90.0
PAGE_EVERY = 0.25
STILL = 1.0  # failures that near the end of the window: it has not recovered
WHOLE_SECONDS = 60


@dataclass
class PageProbe:
    """A visitor without an account, who asks for a page four times a second."""

    port: int
    sent: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    last_failure: float = 0.0

    def __post_init__(self) -> None:
        """Prepare the thread; nothing is sent yet."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def begin(self) -> None:
        """Ask for pages from now on."""
        self.began = time.perf_counter()
        self._thread.start()

    def end(self) -> None:
        """Stop asking, after the request under way."""
        self._over.set()
        self._thread.join(TIMEOUT + 1)

    def _look(self) -> None:
        while not self._over.wait(PAGE_EVERY):
            self.sent += 1
            if cause := self._ask("/explore/"):
                self.causes[cause] += 1
                self.last_failure = time.perf_counter() - self.began

    def _ask(self, path: str) -> str:
        line = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            line.request("GET", path)
            response = line.getresponse()
            body = response.read()
        except (OSError, HTTPException) as error:
            return response_checks.of_connection(repr(error))
        finally:
            line.close()
        if response.status == 503 and not response.headers["Retry-After"]:
            return response_checks.NO_RETRY_AFTER
        if response.status == 200 and b"</html>" not in body:
            return f"{response_checks.WRONG}half a page"
        return response_checks.of_status(response.status, body, "", (200,))


@dataclass
class FaultInjector:
    """Makes a fault and mends it at fixed moments, from a thread of its own."""

    target: Target
    fault: str
    hold: float
    before: float = BEFORE
    error: str = ""
    made_at: float = 0.0
    mended_at: float = 0.0  # when mending began; both in seconds of the window
    over_at: float = 0.0  # when it was mended, by the clock
    # Parts that had ended with it, and that a supervisor has started again.
    ended: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Start the thread; the moments of the fault count from now."""
        self._zero = time.perf_counter()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Wait until the fault is mended; raises ``CannotMeasure`` if making or mending failed."""
        self._thread.join(WHOLE_SECONDS * 2)
        if self.error:
            raise CannotMeasure(f"{self.fault}: {self.error}")

    def _work(self) -> None:
        fault = FAULTS[self.fault]
        try:
            time.sleep(self.before)
            self.made_at = time.perf_counter() - self._zero
            try:
                fault.begin(self.target.cluster)
                time.sleep(self.hold)
            finally:
                self.mended_at = time.perf_counter() - self._zero
                fault.mend(self.target.cluster)
        except Exception as error:  # noqa: BLE001 - raised by wait(), in the thread that can act on it
            self.error = str(error)
        finally:
            self.over_at = time.perf_counter()


def drill(
    target: Target,
    row: Expectation,
    *,
    times: tuple[float, float, float] = (BEFORE, HOLD, AFTER),
    people: int = PEOPLE,
    seed: int = 1,
    console: Console = NO_CONSOLE,
) -> Record:
    """Make one fault under load and return its record; about 25 seconds.

    The stage is whole again at the end. ``times`` are the seconds before the fault, until it is
    mended, and after it has been mended. Raises ``CannotMeasure`` if the fault cannot be made or
    mended, or if the load generator fails.
    """
    load = load_for(target, users=people, seconds=LONGEST, think=THINK, mix=FAULT_MIX, seed=seed)
    load = replace(load, timeout=TIMEOUT, send_again=True, checks=2000)
    injector = FaultInjector(target, row.fault, times[1], times[0])
    probe = PageProbe(target.cluster.port)

    def opened() -> None:
        injector.begin()
        probe.begin()

    def closed() -> None:
        probe.end()
        injector.wait()
        injector.ended = restore(target)

    def enough() -> bool:
        return bool(injector.over_at) and time.perf_counter() > injector.over_at + times[2]

    record, result = stress(
        target, load, console=console, opened=opened, closed=closed, enough=enough
    )
    judged = judge(row, result, probe, injector)
    return replace(record, kind="drill", drills=(judged,), void="")


def judge(
    row: Expectation, result: dict[str, Any], probe: PageProbe, injector: FaultInjector
) -> Drill:
    """Return the row of a drill: what people were answered, against what was declared.

    ``result`` is the generator's, ``probe`` and ``injector`` have ended.
    """
    seen = {
        name: (one["requests"], Counter(one["failures"]))
        for name, one in result["operations"].items()
    }
    seen[PAGE] = (probe.sent, probe.causes)
    every = sum((causes for _, causes in seen.values()), Counter[str]())
    stale = every.pop(response_checks.STALE, 0)
    wrong = sum(count for cause, count in every.items() if cause.startswith(response_checks.WRONG))
    failures = {**result["last_failures"]}
    if probe.causes:
        failures[PAGE] = probe.last_failure
    since = injector.made_at if row.counted_from == "fault" else injector.mended_at
    # A request that waits for its time-out is counted when that has passed.
    last = max(failures.values(), default=0.0)
    recovery = None if last > result["seconds"] - STILL else round(max(0.0, last - since), 1)
    history = result["history"]
    found = not _surprises(row, seen) and not (
        stale or wrong or history["lost"] or history["doubled"] or history["miscounted"]
    )
    return Drill(
        fault=row.fault,
        sent=sum(requests for requests, _ in seen.values()),
        failed=sum(every.values()) - wrong,
        stale=stale,
        wrong=wrong,
        lost=history["lost"],
        doubled=history["doubled"] + history["miscounted"],
        recovery_seconds=recovery,
        expected=row.text,
        observed=_observed(seen, injector.ended),
        as_expected=found and recovery is not None and recovery <= row.seconds + 0.5,
    )


def _surprises(row: Expectation, seen: dict[str, tuple[int, Counter[str]]]) -> list[str]:
    """Return the operations whose answers the table does not allow, or too often."""
    found = []
    sent: Counter[AllowedAnswer] = Counter()
    failed: Counter[AllowedAnswer] = Counter()
    for name, (requests, causes) in seen.items():
        allowed = row.answer(name)
        sent[allowed] += requests
        failed[allowed] += sum(causes.values())
        if causes.keys() - allowed.causes:
            found.append(name)
    # Shares are of all operations with one allowed answer: of some there are but a handful.
    found += [
        answer.text for answer in sent if failed[answer] > max(1, answer.share * sent[answer])
    ]
    return found


def _observed(seen: dict[str, tuple[int, Counter[str]]], ended: list[str]) -> str:
    parts = [
        f"{name}: " + ", ".join(f"{count} of {requests} {cause}" for cause, count in causes.items())
        for name, (requests, causes) in seen.items()
        if causes
    ]
    parts += [f"{name} had ended and was started again" for name in ended]
    return "; ".join(parts) or "everything as always"


def restore(target: Target) -> list[str]:
    """Start what has ended, as a supervisor would, and return its names once the site is ready.

    Raises ``CannotMeasure`` if it is not within a minute.
    """
    end = time.monotonic() + WHOLE_SECONDS
    ended: list[str] = []
    while time.monotonic() < end:
        with suppress(ClusterError, OSError):
            dead = [
                part.name for part in target.cluster.parts if not target.cluster.is_alive(part.name)
            ]
            ended += dead
            target.cluster.start(*dead)
            if not dead and target.cluster.ready():
                return list(dict.fromkeys(ended))
        time.sleep(0.1)
    raise CannotMeasure("The stage is not whole again a minute after the fault.")


def drills(
    target: Target,
    rows: list[Expectation],
    *,
    console: Console = NO_CONSOLE,
    told: Callable[[Drill], None] = lambda drill: None,
) -> Record:
    """Make several faults, one after the other; the record holds a row for each.

    Raises ``CannotMeasure`` for no fault at all, and for one that cannot be made or mended.
    """
    results: list[Record] = []
    for number, row in enumerate(rows):
        restore(target)
        results.append(drill(target, row, seed=number + 1, console=console))
        told(results[-1].drills[0])
    if not results:
        raise CannotMeasure(f"Stage {target.stage} has no such fault.")
    notes = [f"{one.drills[0].fault}: {note}" for one in results for note in one.notes[1:]]
    judged = tuple(one.drills[0] for one in results)
    return replace(results[0], drills=judged, notes=tuple(notes))
