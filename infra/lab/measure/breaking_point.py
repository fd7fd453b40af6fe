"""The search for the breaking point: more people, step by step, until the stage fails them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from rich.console import Console

from infra.lab.load.spec import LoadSpec
from infra.lab.measure.stress import NO_CONSOLE, step_of, stress
from infra.lab.measure.target import Target
from infra.lab.records import Record, Step

STEPS = (1, 5, 10, 20, 50, 100, 200, 300, 400, 500, 700, 1000, 1500, 2000, 3000)


def breaking(
    target: Target,
    load: LoadSpec,
    *,
    steps: Sequence[int] = STEPS,
    console: Console = NO_CONSOLE,
    told: Callable[[Step], None] = lambda step: None,
) -> Record:
    """Raise the number of people until the stage fails them or the generator is the limit.

    The record is that of the last step that held, with all steps; about 15 seconds each. Raises
    ``ValueError`` for no step, and ``CannotMeasure`` if the load generator fails.
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
