"""What a diagnosis prints: a line for each row, then what to do, or one line of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.core.management.base import BaseCommand, CommandError

from infra.doctor.findings import Finding, Findings

MARKS = {"ok": "ok", "warning": "WARNING", "problem": "PROBLEM"}
MOST_CHARACTERS = 70


def report(command: BaseCommand, found: Findings, *, as_json: bool) -> None:
    """Print the rows; raises ``CommandError``, which is exit status 1, if there are problems.

    As JSON they are one line, and the reader decides.
    """
    if as_json:
        command.stdout.write(json.dumps(found.to_json()))
        return
    for line in _lines(found):
        command.stdout.write(line)
    if found.problems:
        count = "1 thing does" if found.problems == 1 else f"{found.problems} things do"
        raise CommandError(f"{count} not work.")


def _lines(found: Findings) -> Iterator[str]:
    yield from map(_line, found.rows)
    if bad := [row for row in found.rows if row.state != "ok"]:
        yield "\nWhat to do:"
    for row in bad:
        yield f"  {row.what}: {row.detail.rstrip('.')}. {row.advice}"
    yield (
        f"\n{len(found.rows)} things looked at, {found.warnings} warnings, "
        f"{found.problems} problems."
    )


def _line(row: Finding) -> str:
    took = "" if row.milliseconds is None else f"{row.milliseconds:.1f} ms"
    detail = row.detail[:MOST_CHARACTERS]
    return f"{MARKS[row.state]:8} {row.area:11} {row.what:28} {took:>11}  {detail}".rstrip()
