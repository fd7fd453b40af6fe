"""The rate of 1, 2, 3 … instances of a stage: what the scalability law is fitted to."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

from rich.console import Console

from infra.lab.measure.stress import NO_CONSOLE, load_for, step_of, stress
from infra.lab.measure.target import Target
from infra.lab.records import Record, Step

SECONDS = 10.0  # of one run
USERS = 32  # without thinking: as many as keep every thread of the instances busy
REPEATS = 3


def growth(
    target: Target,
    *,
    seconds: float = SECONDS,
    repeats: int = REPEATS,
    console: Console = NO_CONSOLE,
) -> Record:
    """Measure the rate of 1, 2, 3 … instances, each several times in turn, so that drift is shared.

    The other instances are stopped meanwhile, and started again whatever happens. Raises
    ``ValueError`` for no repeat, and ``CannotMeasure`` if the load generator fails.
    """
    names = target.instances()
    rows: list[Step] = []
    load = load_for(target, users=USERS, seconds=seconds, profile="reads", think=0.0)
    load = replace(load, checks=0)
    last: Record | None = None
    for repeat in range(repeats):
        for count in range(1, len(names) + 1):
            with ExitStack() as stack:
                for name in names[count:]:
                    target.cluster.stop(name)
                    stack.callback(target.cluster.start, name)
                last, _ = stress(target, replace(load, seed=repeat + 1), console=console)
                rows.append(step_of(last, USERS, count))
    if last is None:
        raise ValueError("Growth needs at least one repeat.")
    return replace(last, kind="growth", steps=tuple(rows))
