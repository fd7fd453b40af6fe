"""``manage.py lab bench``: what the main calls cost, in CPU time of the servers."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from infra.lab.bench.case import Case
from infra.lab.bench.catalog import FEED, Sites, cases
from infra.lab.bench.server import Server, inside
from infra.lab.bench.sites import ClusterSite, start, token_of
from infra.lab.data_set import DataSet

# MeasuredSite on the project's machine by other means, not here: docs/adr/0018-hot-reads.md.
REFERENCES = {
    2: "Fastify with a prepared query needed 700 us for this feed on the project's machine.",
    5: "Fastify with the whole page in Redis needed 56 us for this feed on the project's machine.",
}
SIZES = ("users", "follows", "photos", "likes", "dormant", "requests", "rounds", "stage")


def add_arguments(parser: CommandParser) -> None:
    """Take the stage and the sizes of the data set and of the measurement."""
    parser.add_argument("--stage", type=int, default=1, choices=range(1, 6))
    parser.add_argument("--users", type=int, default=1000)
    parser.add_argument("--follows", type=int, default=50)
    parser.add_argument("--photos", type=int, default=20_000)
    parser.add_argument("--likes", type=int, default=100_000)
    parser.add_argument(
        "--dormant", type=int, default=500, help="dormant follows of a second site (0: none)"
    )
    parser.add_argument("--requests", type=int, default=1000, help="requests per round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Measure and print; raises ``CommandError`` for a measurement too short to mean anything."""
    if options["requests"] < 1 or options["rounds"] < 1:
        raise CommandError("--requests and --rounds must be at least 1.")
    with ExitStack() as stack:
        sites = _sites(stack, options, command.stdout.write)
        measured = cases(stack, sites)
        alone: list[int] = []
        for number in range(options["rounds"]):
            command.stdout.write(f"Round {number + 1} of {options['rounds']} ...")
            for case in measured:
                case.measure(options["requests"])
            if isinstance(sites.site, Server | ClusterSite):
                token = token_of(sites.site)
                alone.append(inside(sites.site.env, options["requests"], FEED, token))
        _report(command, measured, alone, options)


def _sites(stack: ExitStack, options: dict[str, Any], write: Callable[[str], None]) -> Sites:
    """Start the site, one with dormant follows, and one with a tenth of photos and likes.

    From Stage 3 on the site alone: three of them would be forty processes.
    """
    stage = options["stage"]
    data_set = DataSet(*(options[name] for name in SIZES[:4]))
    site = start(stack, stage, data_set, write)
    if stage > 2:
        return Sites(site, None, None)
    sleepy = replace(data_set, dormant=options["dormant"])
    fewer = replace(data_set, photos=data_set.photos // 10, likes=data_set.likes // 10)
    return Sites(
        site,
        start(stack, stage, sleepy, write) if sleepy.dormant else None,
        start(stack, stage, fewer, write),
    )


def _report(
    command: BaseCommand, measured: list[Case], alone: list[int], options: dict[str, Any]
) -> None:
    floor = median(measured[0].cpu_us)
    if not floor:
        raise CommandError("CPU time is counted in steps of 10 ms: use more --requests.")
    rows = [case.summary(floor) for case in measured]
    _table(command, rows)
    command.stdout.write(
        f"\nfeed, the application alone, warm: {round(median(alone))} us of CPU "
        f"({min(alone)}-{max(alone)})"
    )
    if options["stage"] in REFERENCES:
        command.stdout.write(REFERENCES[options["stage"]])
    if options["json"]:
        record = {
            "python": platform.python_version(),
            "sizes": {name: options[name] for name in SIZES},
            "rows": rows,
            "feed_application_alone_us": alone,
        }
        options["json"].write_text(json.dumps(record, indent=2) + "\n")


def _table(command: BaseCommand, rows: list[dict[str, Any]]) -> None:
    """Print one line for each case; the figure is that of gunicorn and the database."""
    kinds = list(rows[1]["by_server_us"])
    heads = "".join(f"{kind:>10}" for kind in kinds)
    command.stdout.write(
        f"\n{'CPU us per request':36} {'both':>7} {'range':>12} {heads}{'per s':>8} {'x floor':>8}"
    )
    for row in rows:
        low, high = row["cpu_us_range"]
        parts = "".join(f"{row['by_server_us'].get(kind, ''):>10}" for kind in kinds)
        command.stdout.write(
            f"{row['operation']:36} {row['cpu_us']:>7} {f'{low}-{high}':>12} {parts}"
            f"{row['per_second']:>8} {row['times_floor']:>8}"
        )
