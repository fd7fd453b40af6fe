"""``manage.py lab bench``: what requests cost in CPU time of all servers, beside others."""

from __future__ import annotations

import json
import shlex
import textwrap
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from infra.cluster import ClusterError
from infra.lab.bench import rows
from infra.lab.bench.checkout import CannotCheckOut, Checkout, short_name, worktree
from infra.lab.bench.contestants import Contestant, StageSite, running_stage
from infra.lab.bench.floor_site import floor_site
from infra.lab.bench.measuring import Extent, measure
from infra.lab.bench.peers.fastify_service import PeerMissing, running_peers
from infra.lab.bench.table import DOCUMENT, NoPlace, Run, markdown, write
from infra.lab.bench.wrk import CannotSend, require_wrk
from infra.lab.commands.options import STAGES, terminable
from infra.lab.data_set import DataSet
from infra.lab.measure.machine import commit, machine
from infra.project import PROJECT

# Other data sets that may stand beside the usual one, in this checkout.
DORMANT, TENTH = "dormant", "tenth"
DORMANT_FOLLOWS = 500
FAILURES = (CannotCheckOut, CannotSend, ClusterError, NoPlace, PeerMissing, RuntimeError, OSError)


def add_arguments(parser: CommandParser) -> None:
    """Take the stage, the data set, what to measure beside it, and what to do with the table."""
    parser.add_argument("--stage", type=int, default=1, choices=STAGES, help="which (1)")
    for name, value in DataSet().sizes().items():
        parser.add_argument(f"--{name}", type=int, default=value, help=f"of the data set ({value})")
    parser.add_argument("--readers", type=int, default=1000, help="different people (1000)")
    parser.add_argument("--rounds", type=int, default=3, help="how often (3)")
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement (3)")
    parser.add_argument(
        "--rows", action="append", default=[], metavar="WORD", help="only rows with it in the name"
    )
    parser.add_argument(
        "--env", action="append", default=[], metavar="NAME=VALUE", help="a variable of the site"
    )
    parser.add_argument(
        "--against", action="append", default=[], metavar="REV", help="a revision, in a worktree"
    )
    parser.add_argument(
        "--variant",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="this checkout with another variable; or: dormant (500 follows more, of people who "
        "have not published for years), tenth (a tenth of the photos and likes)",
    )
    parser.add_argument("--peer", choices=("fastify",), help="a service of others (needs Node.js)")
    parser.add_argument("--note", default="", help="a sentence for the caption")
    parser.add_argument("--write", action="store_true", help=f"put the table into {DOCUMENT}")
    parser.add_argument("--output", type=Path, help="also write the table to this file")
    parser.add_argument("--json", type=Path, help="also write all figures to this file")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Measure and print the table.

    Raises ``CommandError`` for options that make no sense, and if a server, a revision, a peer or
    wrk is missing or fails.
    """
    extent = Extent(options["rounds"], options["seconds"], rows.selected(options["rows"]))
    if min(extent.rounds, extent.seconds, options["readers"]) < 1 or len(extent.rows) < 2:
        raise CommandError(
            "--rounds, --seconds and --readers must be at least 1, and --rows must name some."
        )
    began = datetime.now(UTC)
    try:
        require_wrk()
        with terminable(), ExitStack() as stack:
            contestants = _start(stack, options, command.stdout.write)
            cells = measure(contestants, extent, command.stdout.write)
        *sites, bare = contestants
        # The floor is no column of its own: it is the first row of all.
        cells[sites[0].label, rows.FLOOR.name] = cells[bare.label, rows.FLOOR.name]
        labels = [one.label for one in sites]
        run = Run(options["stage"], labels, cells, extent, "", _notes(sites))
        _publish(command, replace(run, caption=_caption(run, options, began)), options)
    except FAILURES as error:
        raise CommandError(str(error)) from error
    except KeyboardInterrupt:
        raise CommandError("Interrupted.", returncode=130) from None


def _start(
    stack: ExitStack, options: dict[str, Any], report: Callable[[str], None]
) -> list[Contestant]:
    """Start everything that is measured, this checkout first and the floor last."""
    # Revisions that do not exist are to be told at once.
    revisions = [short_name(revision) for revision in options["against"]]
    variants = [_variant(text, _data_set(options)) for text in options["variant"]]
    own = pairs(options["env"])

    def start(label: str, checkout: Checkout, data_set: DataSet, env: dict[str, str]) -> StageSite:
        return stack.enter_context(
            running_stage(
                label,
                checkout,
                options["stage"],
                data_set,
                readers=options["readers"],
                env=env,
                report=report,
            )
        )

    here = Checkout(PROJECT)
    first = start(f"here ({commit()})", here, _data_set(options), own)
    sites: list[Contestant] = [first]
    for revision in revisions:
        other = stack.enter_context(worktree(revision))
        sites.append(start(revision, other, _data_set(options), {}))
    for label, data_set, env in variants:
        sites.append(start(label, here, data_set, {**own, **env}))
    if options["peer"]:
        sites += stack.enter_context(running_peers(first, report))
    return [*sites, stack.enter_context(floor_site())]


def _data_set(options: dict[str, Any]) -> DataSet:
    return DataSet(**{name: options[name] for name in DataSet().sizes()})


def _variant(text: str, data_set: DataSet) -> tuple[str, DataSet, dict[str, str]]:
    """Return the label, the data set and the variables of a variant of this checkout."""
    if text == DORMANT:
        label = f"here, {DORMANT_FOLLOWS} dormant follows"
        return label, replace(data_set, dormant=DORMANT_FOLLOWS), {}
    if text == TENTH:
        photos, likes = data_set.photos // 10, data_set.likes // 10
        return "here, a tenth of the photos", replace(data_set, photos=photos, likes=likes), {}
    return f"here, {text}", data_set, pairs([text])


def pairs(texts: Sequence[str]) -> dict[str, str]:
    """Return NAME=VALUE texts as a mapping; raises ``CommandError`` for any other text."""
    found = {}
    for text in texts:
        name, is_pair, value = text.partition("=")
        if not is_pair or not name:
            raise CommandError(f"{text!r} must look like NAME=VALUE.")
        found[name] = value
    return found


def _notes(contestants: Sequence[Contestant]) -> list[str]:
    """Return what is to be said of the sites, and how large the pictures of the first are."""
    sites = [one for one in contestants if isinstance(one, StageSite)]
    sizes = [picture.size for picture in sites[0].crowd.pictures]
    told = [note for site in sites for note in site.notes]
    if sizes:
        told.append(f"The pictures have {mean(sizes) / 1000:.1f} kB on average.")
    return told


def _caption(run: Run, options: dict[str, Any], began: datetime) -> str:
    """Return what was measured, when, on what and how, in sentences."""
    data, on, extent = _data_set(options), machine(), run.extent
    told = (
        f"`manage.py lab bench {' '.join(_arguments(options))}` on {began:%Y-%m-%d}: Stage "
        f"{run.stage} on {on.cores} × {on.cpu}, Python {on.python}; {data.users:,} people who "
        f"follow {data.follows} others each, {data.photos:,} photos, {data.likes:,} likes. "
        f"Rounds: {extent.rounds} of {extent.seconds:g} s, in which the columns took turns within "
        "a row; medians. CPU milliseconds per request of all servers together, their "
        f"background work included; {min(options['readers'], data.users):,} different readers. "
        f"×: times what it costs here. {options['note']}"
    )
    return "\n".join(textwrap.wrap(told, 110, break_on_hyphens=False))


def _arguments(options: dict[str, Any]) -> list[str]:
    """Return the options of the command line that say what was measured."""
    sizes = {**DataSet().sizes(), "readers": 1000, "rounds": 3, "seconds": 3}
    changed = [name for name, usual in sizes.items() if options[name] != usual]
    found = [f"--stage {options['stage']}", *(f"--{name} {options[name]:g}" for name in changed)]
    for name in ("rows", "env", "against", "variant"):
        found += [f"--{name} {shlex.quote(value)}" for value in options[name]]
    return [*found, *([f"--peer {options['peer']}"] if options["peer"] else [])]


def _publish(command: BaseCommand, run: Run, options: dict[str, Any]) -> None:
    """Print the tables, and write them where the options say."""
    text = markdown(run)
    command.stdout.write(f"\n{text}")
    if options["output"]:
        options["output"].write_text(text + "\n")
    if options["json"]:
        record = {
            "stage": run.stage,
            "caption": run.caption,
            "notes": run.notes,
            "cells": [
                {"contestant": label, "row": row, **asdict(cell)}
                for (label, row), cell in run.cells.items()
            ],
        }
        options["json"].write_text(json.dumps(record, indent=1) + "\n")
    if options["write"]:
        write(run, PROJECT / DOCUMENT)
