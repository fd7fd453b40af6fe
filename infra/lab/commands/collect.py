"""``manage.py lab collect``: measure stages and store the records."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from infra.lab.collecting import Suite, collect, minutes
from infra.lab.commands.options import STAGES, add_edge, add_records, edge_of, records_folder
from infra.lab.commands.terminal import new_console
from infra.lab.data_set import DataSet
from infra.lab.measure.target import Target
from infra.lab.records.storage import RecordInvalid
from infra.lab.suite import Extent, suite

DATA_SET = {"people": 1000, "follows": 50, "photos": 20_000, "likes": 100_000}


def add_arguments(parser: CommandParser) -> None:
    """Take the stages, the size of the data set, and how much is measured."""
    add_records(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--stage", type=int, choices=STAGES, action="append")
    which.add_argument("--all", action="store_true", help="all five stages")
    parser.add_argument("--only", help="only these parts, e.g. mix,breaking")
    for name, size in DATA_SET.items():
        told = f"of the data set ({size:,})"
        parser.add_argument(f"--{name}", type=int, default=size, help=told)
    parser.add_argument("--scale", type=float, default=1.0, help="times the usual durations")
    parser.add_argument("--repeats", type=int, default=3, help="runs of the mix (3)")
    parser.add_argument(
        "--mix", choices=("default", "classic"), default="default", help="classic: few pictures"
    )
    add_edge(parser)
    parser.add_argument("--most-people", type=int, default=10_000, help="never more at once")
    parser.add_argument("--dry-run", action="store_true", help="only say how long it takes")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Measure; raises ``CommandError`` for an unknown part, or if something was not measured."""
    stages = list(STAGES) if options["all"] else sorted(set(options["stage"]))
    try:
        made = _suite(options)
        if options["dry_run"]:
            _tell_durations(command, made, stages)
            return
        progress = collect(made, stages, records_folder(options), command.stdout.write)
    except (RecordInvalid, ValueError) as error:
        raise CommandError(str(error)) from error
    if progress.failed:
        raise CommandError(f"Not everything was measured: {'; '.join(progress.failed)}.")


def _suite(options: dict[str, Any]) -> Suite[Target]:
    data_set = DataSet(*(options[name] for name in DATA_SET))
    extent = Extent(
        options["scale"], options["repeats"], options["most_people"], mix=options["mix"]
    )
    made = suite(new_console(), data_set, extent, partial(edge_of, options))
    return made.only(options["only"].split(",")) if options["only"] else made


def _tell_durations(command: BaseCommand, made: Suite[Target], stages: list[int]) -> None:
    for stage in stages:
        names = ", ".join(part.name for part in made.of_stage(stage))
        command.stdout.write(f"Stage {stage}, {minutes(made.seconds([stage]))}: {names}")
    command.stdout.write(f"Together about {minutes(made.seconds(stages))}")
