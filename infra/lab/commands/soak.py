"""``manage.py lab soak``: whether the memory of one instance stays what it is under mixed load."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from itertools import count
from typing import Any

import psutil
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from infra.cluster import ClusterError
from infra.doctor.findings import Findings
from infra.lab.commands.options import add_load, add_stage, data_set_from, load_from, on_stage
from infra.lab.commands.terminal import failures_text, new_console
from infra.lab.diagnose.visit import Visit
from infra.lab.load.api_session import ApiSession, Refused
from infra.lab.load.driver import CannotMeasure
from infra.lab.load.live_view import ProgressView
from infra.lab.load.spec import FAULT_MIX, LoadSpec
from infra.lab.measure.memory import (
    FLAT_SHARE,
    HOUR,
    LEAST_SAMPLES,
    MEGABYTE,
    SIZES,
    Curve,
    MemoryWatch,
)
from infra.lab.measure.stress import drive_logged_in
from infra.lab.measure.target import Target

# Processes that live as long as the site, in the order of the table.
INSTANCE = "web1"
WATCHED = (INSTANCE, "worker", "keeper")
# What no client of the API asks for: pages, the OpenAPI document, addresses that are not there.
PAGES = (
    "/",
    "/login/",
    "/signup/",
    "/explore/",
    "/explore/?sort=popular",
    "/@user1/",
    "/@nobody-{}/",
    "/api/v1/users/nobody-{}/",
    "/api/schema/?nothing={}",
    "/readyz",
)
# As large as a body of JSON may be, and a little more.
LARGE_BODIES = tuple(b'{"username": "%b"}' % (b"x" * size) for size in (1_000_000, 1_100_000))
PAUSE = 0.25
# A whole visit, from registration to the deletion of the account, after so many rounds of pages.
ROUNDS_PER_VISIT = 5
ANY_STATUS = tuple(range(200, 600))
ROWS = 12  # of the curve that is printed


def add_arguments(parser: CommandParser) -> None:
    """Take the stage, the load, and how often the memory is looked at."""
    add_stage(parser)
    add_load(parser)
    parser.set_defaults(
        people=300, follows=30, photos=2000, likes=10_000, users=30, duration=600, think=0.2
    )
    parser.add_argument(
        "--every", type=float, default=10, help="seconds between two looks at the memory (10)"
    )


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Drive the stage, print the curve of each process, and fail if one of them is not flat.

    Raises ``CommandError`` for that, for options without sense, and if the stage or the load
    generator fails.
    """
    refuse_senseless(options)
    console = new_console()
    try:
        with on_stage(options, data_set_from(options), console) as target:
            # What was acknowledged is looked up again by other measurements.
            load = replace(load_from(target, options), checks=0)
            if not options["mix"] and options["profile"] == "mix":
                load = replace(load, mix=dict(FAULT_MIX))
            curves, result = soak(target, load, options["every"], console)
    except (CannotMeasure, ClusterError) as error:
        raise CommandError(str(error)) from error
    failures = failures_text(result["totals"]["failures"])
    console.print(
        f"{result['totals']['requests']:,} requests in {result['seconds']:.0f} s; failures: "
        f"{failures}",
        highlight=False,
    )
    report(curves, console)


def refuse_senseless(options: dict[str, Any]) -> None:
    """Raise ``CommandError`` if the second half of the time has too few samples for a slope."""
    if options["every"] <= 0 or options["duration"] < 2 * LEAST_SAMPLES * options["every"]:
        raise CommandError(
            f"--duration must be at least {2 * LEAST_SAMPLES} times --every, which is positive."
        )


def soak(
    target: Target, load: LoadSpec, every: float, console: Console
) -> tuple[list[Curve], dict[str, Any]]:
    """Run a load against the first instance; return what memory did, and the generator's result.

    The other instances are stopped meanwhile. Raises ``CannotMeasure`` if the load generator fails.
    """
    watch = MemoryWatch(lambda: _processes(target), every)
    with ExitStack() as stack:
        for name in target.instances()[1:]:
            target.cluster.stop(name)
            stack.callback(target.cluster.start, name)
        view = stack.enter_context(ProgressView(f"Stage {target.stage}", load, console))
        stack.enter_context(_visitor(target.url))
        result = drive_logged_in(
            target, load, opened=watch.begin, closed=watch.end, progress=view.show
        )
    return watch.curves, result


def _processes(target: Target) -> dict[str, list[int]]:
    """Return the processes of each part that is watched; decoders come and go and are left out."""
    roots = {name: target.cluster.part(name).pid for name in WATCHED if target.has(name)}
    found = {name: [pid] for name, pid in roots.items()}
    with suppress(psutil.NoSuchProcess):
        # gunicorn's workers.
        found[INSTANCE] += [child.pid for child in psutil.Process(roots[INSTANCE]).children()]
    return found


def report(curves: Sequence[Curve], console: Console) -> None:
    """Print all curves with their slopes; raises ``CommandError`` unless all are flat.

    A process that did not live through the whole time has no curve: it ended, or took the place of
    one that did.
    """
    most = max(len(curve.samples) for curve in curves)
    whole = [curve for curve in curves if len(curve.samples) == most]
    for curve in whole:
        console.print(_table(curve))
    if ended := [curve for curve in curves if curve not in whole]:
        names = ", ".join(f"{curve.name} ({curve.pid})" for curve in ended)
        raise CommandError(f"These processes did not live through the whole run: {names}.")
    if rising := [curve for curve in whole if not curve.is_flat]:
        names = ", ".join(f"{curve.name} ({curve.pid}) by {curve.rise:.1%}" for curve in rising)
        raise CommandError(f"Not flat, in the second half: {names}; {FLAT_SHARE:.0%} is allowed.")
    console.print("Flat: no process has grown in the second half.", highlight=False)


def _table(curve: Curve) -> Table:
    table = Table(title=f"{curve.name}, process {curve.pid}: MB")
    for heading in ("seconds", "RSS", "PSS", "anonymous"):  # in the order of SIZES
        table.add_column(heading, justify="right")
    step = max(1, len(curve.samples) // ROWS)
    for sample in curve.samples[::step]:
        sizes = (getattr(sample, size) / MEGABYTE for size in SIZES)
        table.add_row(f"{sample.seconds:.0f}", *(f"{size:.1f}" for size in sizes))
    table.add_section()
    slopes = (curve.slope(size) * HOUR / MEGABYTE for size in SIZES)
    table.add_row("MB/hour", *(f"{slope:+.1f}" for slope in slopes))
    table.caption = f"second half: anonymous memory {curve.rise:+.1%}"
    return table


@contextmanager
def _visitor(url: str) -> Iterator[None]:
    """Let a visitor read pages, and a new person do everything now and then, beside the load."""
    over = threading.Event()
    thread = threading.Thread(target=_visit, args=(url, over), daemon=True, name="visitor")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _visit(url: str, over: threading.Event) -> None:
    visitor = ApiSession(url, name="", password="")
    for number in count():
        for page in PAGES:
            with suppress(Refused):
                visitor.ask("GET", page.format(number), expect=ANY_STATUS)
            if over.wait(PAUSE):
                return
        for body in LARGE_BODIES:
            with suppress(Refused):
                visitor.ask("POST", "/api/v1/auth/token/", body=body, expect=ANY_STATUS)
        if number % ROUNDS_PER_VISIT == ROUNDS_PER_VISIT - 1:
            Visit(url).go(Findings())
