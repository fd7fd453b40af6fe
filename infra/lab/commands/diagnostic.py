"""``manage.py lab diagnostic``: is the site in order, and what to do where it is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from infra.doctor import Findings, examine
from infra.doctor.report import report
from infra.lab.diagnose.visit import Visit


def add_arguments(parser: CommandParser) -> None:
    """Take where the site is."""
    parser.add_argument("--url", help="where the site answers (SITE_URL if left out)")
    parser.add_argument("--stage", type=int, choices=(1, 2, 3, 4, 5), help="a cluster's stage")
    parser.add_argument(
        "--data", type=Path, help="folder of a cluster that is up; left out: a new one"
    )
    parser.add_argument("--no-visit", action="store_true", help="change nothing at all")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Look, print, and say what to do; raises ``CommandError`` if something does not work."""
    found = Findings()
    if options["stage"]:
        _look_at_stage(found, options, command.stdout.write)
    else:
        url = (options["url"] or settings.SITE_URL).rstrip("/")
        examine(found, url)
        if not options["no_visit"] and found.rows[-1].state == "ok":
            Visit(url).go(found)
    report(command, found, as_json=options["json"])


def _look_at_stage(found: Findings, options: dict[str, Any], say: Any) -> None:
    """Look at a stage: one that is up, or one that is started for it."""
    # Only the lab needs these packages; a diagnosis of a site does not.
    from infra.cluster import ClusterError
    from infra.lab.commands.options import terminable
    from infra.lab.data_set import DataSet
    from infra.lab.diagnose.stage import look_at_stage
    from infra.lab.measure.target import stage

    small = DataSet(users=20, follows=5, photos=60, likes=100)
    quiet = options["json"]
    try:
        tell = (lambda _: None) if quiet else say
        with terminable(), stage(options["stage"], small, tell, data=options["data"]) as target:
            look_at_stage(found, target.cluster, options["stage"])
    except ClusterError as error:
        raise CommandError(str(error)) from error
