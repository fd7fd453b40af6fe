"""``manage.py metrics``: collect, compare, export and plan."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from infra.lab.analysis.capacity import MEANINGS, Assumptions
from infra.lab.records.storage import RECORDS, RecordInvalid, load_all
from infra.project import PROJECT

DATA_SET = {"people": 1000, "follows": 50, "photos": 20_000, "likes": 100_000}


class Command(BaseCommand):
    """The lab's figures: measured, compared, published, and thought further."""

    help = "Collects records of a stage, compares them, exports the document, plans growth."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a sub-command and its options."""
        parser.add_argument("--records", type=Path, default=RECORDS, help="folder of the records")
        actions = parser.add_subparsers(dest="action", required=True)
        collect = actions.add_parser("collect", help="measure a stage and store its records")
        which = collect.add_mutually_exclusive_group(required=True)
        which.add_argument("--stage", type=int, choices=range(1, 6), action="append")
        which.add_argument("--all", action="store_true", help="all five stages")
        collect.add_argument("--only", help="only these parts, e.g. mix,breaking")
        for name, size in DATA_SET.items():
            told = f"of the data set ({size:,})"
            collect.add_argument(f"--{name}", type=int, default=size, help=told)
        collect.add_argument("--scale", type=float, default=1.0, help="times the usual durations")
        collect.add_argument("--repeats", type=int, default=3, help="runs of the mix (3)")
        collect.add_argument("--most-people", type=int, default=10_000, help="never more at once")
        collect.add_argument("--dry-run", action="store_true", help="only say how long it takes")
        compare = actions.add_parser("compare", help="stages or runs side by side")
        told = "3, stage3@0123abc, a file; none: all stages that were measured"
        compare.add_argument("sides", nargs="*", metavar="A", help=told)
        compare.add_argument("--profile", default="mix", choices=["mix", "journey", "reads"])
        compare.add_argument("--format", default="text", choices=["text", "markdown", "json"])
        compare.add_argument("--fail-on-worse", action="store_true", help="exit code 1 if worse")
        export = actions.add_parser("export", help="write docs/performance.md and what it shows")
        export.add_argument("--docs", type=Path, default=PROJECT / "docs")
        plan = actions.add_parser("plan", help="what a number of people needs, on paper")
        plan.add_argument("--users", type=int, required=True)
        plan.add_argument("--rate", type=float, help="requests a second (else from assumptions)")
        plan.add_argument("--stage", type=int, choices=range(1, 6), help="whose costs")
        for field in fields(Assumptions):
            option, meaning = f"--{field.name.replace('_', '-')}", MEANINGS[field.name]
            kind = type(field.default)
            told = f"{meaning} ({field.default:,g})"
            plan.add_argument(option, type=kind, default=field.default, help=told)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what the sub-command says."""
        actions = {
            "collect": self._collect,
            "compare": self._compare,
            "export": self._export,
            "plan": self._plan,
        }
        try:
            actions[options["action"]](options)
        except (RecordInvalid, ValueError) as error:
            raise CommandError(str(error)) from error
        except ModuleNotFoundError as error:
            told = f"metrics needs {error.name}: use the environment that `make test` sets up."
            raise CommandError(told) from error

    def _collect(self, options: dict[str, Any]) -> None:
        from infra.lab.collecting import collect, minutes
        from infra.lab.commands.terminal import new_console
        from infra.lab.measure.target import Sizes
        from infra.lab.suite import Extent, suite

        stages = list(range(1, 6)) if options["all"] else sorted(set(options["stage"]))
        sizes = Sizes(*(options[name] for name in DATA_SET))
        extent = Extent(options["scale"], options["repeats"], options["most_people"])
        made = suite(new_console(), sizes, extent)
        if options["only"]:
            made = made.only(options["only"].split(","))
        if options["dry_run"]:
            for stage in stages:
                names = ", ".join(part.name for part in made.of_stage(stage))
                self.stdout.write(f"Stage {stage}, {minutes(made.seconds([stage]))}: {names}")
            self.stdout.write(f"Together about {minutes(made.seconds(stages))}")
            return
        progress = collect(made, stages, options["records"], self.stdout.write)
        if progress.failed:
            raise CommandError(f"Not everything was measured: {'; '.join(progress.failed)}.")

    def _compare(self, options: dict[str, Any]) -> None:
        from infra.lab.analysis import comparison
        from infra.lab.records import selection

        records, profile = load_all(options["records"]), options["profile"]
        names = options["sides"] or selection.measured(records, profile)
        if len(names) < 2:
            raise CommandError("Comparing needs two stages or records; metrics collect makes them.")
        sides = [selection.side(name, records, profile) for name in names]
        rows = comparison.compare(sides)
        if options["format"] == "json":
            self.stdout.write(json.dumps([asdict(row) for row in rows], indent=1))
        else:
            shown = comparison.table(sides, rows)
            self.stdout.write(shown.markdown() if options["format"] == "markdown" else shown.text())
        for warning in comparison.warnings(sides):
            self.stderr.write(f"Mind: {warning}")
        worse = comparison.worse(rows)
        if worse and options["fail_on_worse"]:
            raise CommandError(f"Worse: {', '.join(worse)}.")

    def _export(self, options: dict[str, Any]) -> None:
        from infra.lab.report.files import write

        for path in write(load_all(options["records"]), options["docs"]):
            self.stdout.write(f"Wrote {path.name}")

    def _plan(self, options: dict[str, Any]) -> None:
        from infra.lab.analysis import capacity
        from infra.lab.analysis.request_costs import costs_of, newest
        from infra.lab.report import growth
        from infra.lab.report.tables import Table

        costs = costs_of(newest(load_all(options["records"]), options["stage"]))
        assumed = Assumptions(**{field.name: options[field.name] for field in fields(Assumptions)})
        made = capacity.plan(options["users"], costs, assumed, options["rate"])
        told = growth.bottlenecks(made).replace("**", "").replace("`", "")
        self.stdout.write(f"{growth.needs_table([made]).text()}\n\n{told}\n")
        for block in growth.sources(costs, assumed):
            if isinstance(block, Table):
                self.stdout.write(f"\n{block.text()}")
