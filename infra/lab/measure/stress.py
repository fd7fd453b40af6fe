"""Measure a stage: one run, and the record of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psutil
from rich.console import Console

from infra.lab import records
from infra.lab.load.driver import CannotMeasure, drive
from infra.lab.load.live_view import ProgressView
from infra.lab.load.spec import (
    DEFAULT_MIX,
    DEFAULT_THINK,
    HASHES_A_PASSWORD,
    LOG_OUT,
    MIXES,
    OPERATIONS,
    PICTURE,
    READS,
    REGISTER,
    UPLOAD,
    LoadSpec,
)
from infra.lab.load.tally import ROUNDS
from infra.lab.measure.machine import commit, configuration, machine, versions
from infra.lab.measure.observer import Observation, Observer
from infra.lab.measure.target import Target
from infra.lab.records import Record

HASH_NOTE = (
    "Register and log in cost one Argon2id hash each (about 21 ms of CPU, the OWASP minimum) by "
    "design: it protects passwords, and no stage makes it faster."
)
NO_CONSOLE = Console(quiet=True)
# Below that share of the machine's CPU, measuring does not disturb what is measured.
MOST_OVERHEAD = 0.03
# More than that for others (a desktop, a backup, a virtual machine next door) and it does.
MOST_OTHERS = 0.15
CPU_PER_PRICE = 5.0  # seconds that each operation is measured alone, and nothing before
SETTLE_SECONDS = 60
# Operations that leave something to the worker: pictures and feeds, mails.
LEFT_TO_WORKER = (UPLOAD, REGISTER)
# Profiles whose people load the pictures that they are shown.
PICTURES_SHOWN = ("mix", "moderate")


def load_for(
    target: Target,
    *,
    users: int,
    seconds: float,
    rate: float = 0,
    profile: str = "mix",
    mix: dict[str, float] | None = None,
    pictures: bool | None = None,
    think: float = DEFAULT_THINK,
    seed: int = 1,
    checks: int = 1000,
) -> LoadSpec:
    """Return a load for this stage's data set; with a ``rate`` it is an open loop.

    ``pictures``: whether people load what they are shown; left out, it is as usual for the
    profile, and for a ``mix`` of one's own they do not.
    """
    usual = MIXES.get(profile, DEFAULT_MIX)
    if pictures is None:
        pictures = mix is None and profile in PICTURES_SHOWN
    return LoadSpec(
        url=target.url,
        users=users,
        seconds=seconds,
        loop="open" if rate else "closed",
        rate=rate,
        profile=profile,
        mix=mix or dict(usual),
        pictures=pictures,
        think=think,
        seed=seed,
        checks=checks,
        people=target.data_set.users,
        password=target.password,
    )


def stress(
    target: Target,
    load: LoadSpec,
    *,
    console: Console = NO_CONSOLE,
    opened: Callable[[], None] = lambda: None,
    closed: Callable[[], None] = lambda: None,
    enough: Callable[[], bool] = lambda: False,
) -> tuple[Record, dict[str, Any]]:
    """Run a load against a stage; return the record and the generator's own result.

    ``opened`` and ``closed`` are called at the ends of the measured window; a drill makes its
    fault in between, and has ``enough`` when all is mended. Raises ``CannotMeasure`` if nothing was
    measured, or if the load generator fails.
    """
    observer = Observer(target)
    started = datetime.now(UTC)

    def begin() -> None:
        observer.begin()
        opened()

    def end() -> None:
        observer.end()
        closed()

    with ProgressView(f"Stage {target.stage}", load, console) as view:
        result = drive_logged_in(
            target, load, opened=begin, closed=end, progress=view.show, enough=enough
        )
    if not result["totals"]["requests"]:
        raise CannotMeasure("The run was ended before anything was measured.")
    seen = observer.figures(result["totals"]["requests"], ROUNDS)
    return record_of("stress", target, load, result, seen, started), result


def drive_logged_in(target: Target, load: LoadSpec, **calls: Any) -> dict[str, Any]:
    """Run a load as ``drive`` does, by people who are logged in where an earlier run has left them.

    Returns the generator's result. Raises ``CannotMeasure`` if the generator cannot begin.
    """
    result = drive(replace(load, tokens=target.logins.valid_for(load.seconds)), **calls)
    target.logins.remember(result.pop("tokens"))
    return result


def record_of(
    kind: records.RecordKind,
    target: Target,
    load: LoadSpec,
    result: dict[str, Any],
    seen: Observation,
    started: datetime,
) -> Record:
    """Return the record of a run, from the generator's result and what was seen of the servers."""
    return Record(
        kind=kind,
        stage=target.stage,
        started=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        seconds=result["seconds"],
        commit=commit(),
        machine=machine(),
        versions=versions(target),
        configuration=configuration(target),
        load=described(load),
        totals=_operation(result["totals"], "all"),
        operations={
            name: _operation(result["operations"][name], "read" if name in READS else "write")
            for name in OPERATIONS
            if name in result["operations"]
        },
        pictures=_pictures(result),
        peak_rps=result["peak"],
        rounds=_rounds(result["rounds"], seen),
        server=seen.groups,
        answers=seen.answers,
        database=seen.database,
        cache=seen.cache,
        bytes=records.Bytes(**result["bytes"]),
        generator=_generator(result),
        overhead_share=seen.overhead,
        void=void_reason(result),
        notes=tuple(notes(result, seen)),
    )


def step_of(record: Record, users: int, instances: int) -> records.Step:
    """Return a run as one row of a search."""
    totals, pictures = record.totals, record.pictures
    failures = Counter(totals.failures) + Counter(pictures.failures if pictures else {})
    return records.Step(
        users=users,
        requests=totals.requests + (pictures.requests if pictures else 0),
        rate=totals.rate,
        p50=totals.p50,
        p95=max(totals.p95, pictures.p95 if pictures else 0.0),
        failures=dict(failures),
        instances=instances,
        generator_limit=record.generator.limit,
    )


def described(load: LoadSpec) -> records.Load:
    """Return the load as a record holds it."""
    return records.Load(
        users=load.users,
        duration=load.seconds,
        loop="open" if load.loop == "open" else "closed",
        arrival_rate=load.rate or None,
        think_time=load.think,
        profile=load.profile,
        mix=load.mix,
        seed=load.seed,
        pictures=load.pictures,
    )


def void_reason(result: dict[str, Any]) -> str:
    """Return why a run does not count: the generator was the limit; nothing if it counts."""
    own = result["generator"]
    if not own["limit"]:
        return ""
    if own["late"]:
        return f"The load generator sent {own['late']} requests late: it was the limit."
    return f"The load generator used {own['cpu_share_of_core']:.0%} of a core: it was the limit."


def others_share(result: dict[str, Any], seen: Observation) -> float:
    """Return which share of the machine went neither to the site nor to the lab."""
    site = sum(group.cpu_seconds for group in seen.groups.values())
    generator = result["generator"]["cpu_share_of_core"] * seen.seconds
    available = seen.seconds * (psutil.cpu_count() or 1)
    return max(0.0, seen.busy - site - generator - seen.own) / available if available else 0.0


def notes(result: dict[str, Any], seen: Observation) -> list[str]:
    """Return what a reader of the figures must know."""
    said = []
    if set(HASHES_A_PASSWORD) & result["operations"].keys():
        said.append(HASH_NOTE)
    if result["stopped_early"]:
        said.append("Ended early by hand.")
    if seen.overhead > MOST_OVERHEAD:
        said.append(f"Measuring took {seen.overhead:.1%} of the CPU.")
    if (others := others_share(result, seen)) > MOST_OTHERS:
        said.append(f"Other processes took {others:.0%} of the machine: the figures are too low.")
    history = result["history"]
    if history.get("checked"):
        said.append(
            f"{history['checked']} acknowledged acts were looked up again: "
            f"{history['lost']} lost, {history['doubled']} doubled, "
            f"{history['miscounted']} miscounted, {history['unanswered']} unanswered."
        )
    said += [f"{what}: {text}" for what, text in list(result["samples"].items())[:5] if text]
    return said


def _generator(result: dict[str, Any]) -> records.GeneratorUsage:
    own = result["generator"]
    return records.GeneratorUsage(own["cpu_share_of_core"], own["dropped"], own["limit"])


def _pictures(result: dict[str, Any]) -> records.Operation | None:
    row = result.get("pictures")
    return _operation(row, "read") if row and row["requests"] else None


def _operation(row: dict[str, Any], kind: Any) -> records.Operation:
    return records.Operation(**row, kind=kind)


def _rounds(rounds: list[dict[str, Any]], seen: Observation) -> tuple[records.Round, ...]:
    return tuple(
        records.Round(
            **each, cpu_ms=round(cpu * 1000 / each["requests"], 3) if each["requests"] else None
        )
        for each, cpu in zip(rounds, seen.rounds, strict=True)
    )


def with_prices(
    target: Target, record: Record, *, seconds: float = CPU_PER_PRICE, console: Console = NO_CONSOLE
) -> Record:
    """Run each operation alone and add what it costs the servers: CPU and queries per request.

    What servers use while idle (they watch each other) is measured before and subtracted.
    """
    idle = _idle(target, seconds)

    def priced(name: str, operation: records.Operation) -> records.Operation:
        load = load_for(target, users=8, seconds=seconds, mix={name: 1}, think=0.01, checks=0)
        cpu, queries = _alone(target, replace(load, look_again=False), idle, console)
        return replace(operation, cpu_ms=cpu, queries=queries)

    # Logging out needs a log-in before each, which would hide its cost.
    operations = {
        name: one if name == LOG_OUT else priced(name, one)
        for name, one in record.operations.items()
    }
    pictures = record.pictures and priced(PICTURE, record.pictures)
    return replace(record, operations=operations, pictures=pictures)


def _idle(target: Target, seconds: float) -> dict[str, float]:
    """Return the CPU of each group, in milliseconds per second, once all work is done."""
    _settle(_watched(target))
    observer = _watched(target)
    time.sleep(seconds)
    observer.end()
    seen = observer.figures(0, 1)
    return {name: group.cpu_seconds * 1000 / seen.seconds for name, group in seen.groups.items()}


def _watched(target: Target) -> Observer:
    observer = Observer(target)
    observer.begin()
    return observer


def _alone(
    target: Target, load: LoadSpec, idle: dict[str, float], console: Console
) -> tuple[dict[str, float], float | None]:
    """Return CPU per group and queries per request, the work of the worker afterwards included."""
    observer, name = Observer(target), next(iter(load.mix))
    closed = (lambda: _settle(observer)) if name in LEFT_TO_WORKER else observer.end
    with ProgressView(f"Stage {target.stage}, {name}", load, console) as view:
        result = drive_logged_in(
            target, load, opened=observer.begin, closed=closed, progress=view.show
        )
    requests = result["totals"]["requests"]
    seen = observer.figures(requests, 1)
    cpu = {
        name: round(
            max(0.0, group.cpu_seconds * 1000 - idle.get(name, 0.0) * seen.seconds) / requests, 3
        )
        for name, group in seen.groups.items()
        if requests
    }
    return cpu, seen.database.queries_per_request


def _settle(observer: Observer) -> None:
    """Wait until the worker has done what the run has left to it, then stop watching."""
    worker = observer.processes.groups.get("worker")
    end = time.monotonic() + SETTLE_SECONDS
    while worker is not None and time.monotonic() < end:
        before = worker.cpu
        time.sleep(2.5)
        if worker.cpu - before < 0.1:
            break
    observer.end()
