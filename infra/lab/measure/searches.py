"""Measurements that are made of several runs: the breaking point, growth, and raw ceilings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace

from rich.console import Console

from infra.lab.load.spec import LoadSpec
from infra.lab.measure.stress import NO_CONSOLE, load_for, stress
from infra.lab.measure.target import Target
from infra.lab.records import Record, Step

STEPS = (1, 5, 10, 20, 50, 100, 200, 300, 400, 500, 700, 1000, 1500, 2000, 3000)
STEP_SECONDS = 10.0
GROWTH_PEOPLE = 32  # without thinking: as many as keep every thread of the instances busy
GROWTH_REPEATS = 3


def step_of(record: Record, users: int, instances: int) -> Step:
    """Return a run as one row of a search."""
    totals = record.totals
    return Step(
        users=users,
        requests=totals.requests,
        rate=totals.rate,
        p50=totals.p50,
        p95=totals.p95,
        failures=totals.failures,
        instances=instances,
        generator_limit=record.generator.limit,
    )


def breaking(
    target: Target,
    load: LoadSpec,
    *,
    steps: Sequence[int] = STEPS,
    console: Console = NO_CONSOLE,
    told: Callable[[Step], None] = lambda step: None,
) -> Record:
    """Raise the number of people until the stage fails them or the generator is the limit.

    The record is that of the last step that held, with all steps; about 15 seconds each.
    """
    instances = len(target.instances())
    best: Record | None = None
    rows: list[Step] = []
    for users in steps:
        # Nothing is looked up again between steps: the load itself checks what it is answered.
        record, _ = stress(target, replace(load, users=users, checks=0), console=console)
        rows.append(step_of(record, users, instances))
        told(rows[-1])
        held = not rows[-1].broken and not record.generator.limit
        if held or best is None:
            best = record
        if not held:
            break
    if best is None:
        raise ValueError("A search needs at least one step.")
    return replace(best, kind="breaking", steps=tuple(rows), void="", notes=_said(rows, best))


def _said(rows: list[Step], best: Record) -> tuple[str, ...]:
    last = rows[-1]
    if last.generator_limit:
        end = f"At {last.users} people the load generator was the limit: the stage may hold more."
    elif last.broken:
        end = (
            f"It breaks at {last.users} people: {last.success:.2%} succeed, p95 {last.p95:.0f} ms."
        )
    else:
        end = f"It held all of them, up to {last.users} people."
    return (end, *best.notes)


def growth(
    target: Target,
    *,
    seconds: float = STEP_SECONDS,
    repeats: int = GROWTH_REPEATS,
    console: Console = NO_CONSOLE,
) -> Record:
    """Measure the rate of 1, 2, 3 … instances, each several times in turn, so that drift is shared.

    The others are stopped meanwhile, and started again whatever happens.
    """
    names = target.instances()
    rows: list[Step] = []
    load = load_for(target, users=GROWTH_PEOPLE, seconds=seconds, profile="reads", think=0.0)
    load = replace(load, checks=0)
    last: Record | None = None
    for repeat in range(repeats):
        for count in range(1, len(names) + 1):
            with ExitStack() as stack:
                for name in names[count:]:
                    target.cluster.stop(name)
                    stack.callback(target.cluster.start, name)
                last, _ = stress(target, replace(load, seed=repeat + 1), console=console)
                rows.append(step_of(last, GROWTH_PEOPLE, count))
    if last is None:
        raise ValueError("Growth needs at least one repeat.")
    return replace(last, kind="growth", steps=tuple(rows))
