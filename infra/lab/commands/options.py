"""The options that the commands of the lab share."""

from __future__ import annotations

import signal
from argparse import SUPPRESS
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from rich.console import Console

from infra.lab.data_set import DataSet
from infra.lab.load.spec import DEFAULT_THINK, MIXES, WITH_PICTURES, LoadSpec, parse_mix
from infra.lab.measure.stress import load_for
from infra.lab.measure.target import Target, stage
from infra.lab.records.storage import RECORDS

STAGES = (1, 2, 3, 4, 5)


def add_stage(parser: CommandParser) -> None:
    """Take the stage, the folder of its cluster, and the size of the data set."""
    parser.add_argument("--stage", type=int, choices=STAGES, required=True)
    parser.add_argument(
        "--data",
        type=Path,
        help="folder of a cluster that is up (manage.py cluster), or that shall be kept; "
        "left out: a temporary one",
    )
    add_edge(parser)
    for name, value in DataSet().sizes().items():
        # --users are the people who use the site at once; the data set holds more.
        option = "--people" if name == "users" else f"--{name}"
        parser.add_argument(option, type=int, default=value, help=f"of the data set ({value})")


def add_edge(parser: CommandParser) -> None:
    """Take whether nginx answers reads itself."""
    parser.add_argument("--edge", action="store_true", help="Stage 5 with EDGE=on")


def edge_of(options: dict[str, Any], stage: int) -> dict[str, str]:
    """Return the environment that the options ask for on a stage: Stage 5 alone has an edge."""
    return {"EDGE": "on"} if options["edge"] and stage == STAGES[-1] else {}


def add_load(parser: CommandParser) -> None:
    """Take the load: how many people, for how long, doing what, how often."""
    parser.add_argument("--users", type=int, default=100, help="people at once (100)")
    parser.add_argument("--duration", type=float, default=30, help="seconds to measure (30)")
    parser.add_argument(
        "--rate", type=float, default=0, help="open loop: requests per second that arrive anyway"
    )
    parser.add_argument(
        "--profile",
        choices=("mix", "reads", "moderate", "journey"),
        default="mix",
        help="mix: mostly reads, as people do, with the pictures that they are shown (default); "
        "reads; moderate: for latencies; journey: register, log in, feed, next page, photo, like, "
        "follow, comment, upload, log out, and again",
    )
    parser.add_argument(
        "--mix",
        help=f"{', '.join(MIXES)} (classic: few pictures, as before), or own weights, such as "
        "feed=50,photo=40,like=10",
    )
    parser.add_argument(
        "--think",
        type=float,
        default=DEFAULT_THINK,
        help=f"mean seconds between an answer and the next request ({DEFAULT_THINK})",
    )
    parser.add_argument("--seed", type=int, default=1, help="equal seeds make equal runs (1)")


def add_records(parser: CommandParser) -> None:
    """Take the folder of the records; left out, nothing is set (see ``records_folder``)."""
    told = "folder of the records (docs/performance/records)"
    parser.add_argument("--records", type=Path, default=SUPPRESS, help=told)


def records_folder(options: dict[str, Any]) -> Path:
    """Return the folder of the records: the option wherever it stood, else the committed one."""
    folder: Path = options.get("records", RECORDS)
    return folder


def data_set_from(options: dict[str, Any]) -> DataSet:
    """Return the data set that the options ask for."""
    return DataSet(options["people"], options["follows"], options["photos"], options["likes"])


def load_from(target: Target, options: dict[str, Any]) -> LoadSpec:
    """Return the load that the options ask for; raises ``CommandError`` for a senseless option."""
    if (
        options["users"] < 1
        or options["duration"] <= 0
        or min(options["rate"], options["think"]) < 0
    ):
        raise CommandError("--users and --duration must be positive, --rate and --think not less.")
    try:
        mix = parse_mix(options["mix"]) if options["mix"] else None
    except ValueError as error:
        raise CommandError(str(error)) from error
    return load_for(
        target,
        users=options["users"],
        seconds=options["duration"],
        rate=options["rate"],
        profile=options["profile"],
        mix=mix,
        pictures=options["mix"] in WITH_PICTURES if mix else None,
        think=options["think"],
        seed=options["seed"],
    )


@contextmanager
def on_stage(options: dict[str, Any], data_set: DataSet, console: Console) -> Iterator[Target]:
    """Bring the stage up for the body of the ``with``, and report on the console.

    Raises ``CommandError`` if another stage is up in the folder, and ``ClusterError`` if a server
    does not start.
    """

    def report(message: str) -> None:
        console.print(message, style="dim", highlight=False)

    env = edge_of(options, options["stage"])
    with (
        terminable(),
        stage(options["stage"], data_set, report, data=options["data"], env=env) as target,
    ):
        if target.stage != options["stage"]:
            raise CommandError(f"Stage {target.stage} is up there, not {options['stage']}.")
        yield target


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM end the body as Ctrl-C would: a stage that was started is taken down."""

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
