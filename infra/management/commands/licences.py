"""``manage.py licences``: what is installed, and under which licences."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from infra.ops.licences import ACCEPTED, EXCEPTIONS, Component, installed

HEADINGS = ("name", "version", "licence", "inside of")


class Command(BaseCommand):
    """List every component, shared libraries of wheels included; refuse what is not accepted."""

    help = (
        "List the licences of all that is installed. Shared libraries inside of wheels are listed "
        "as far as they can be known. Exit code 1 if one is not on the list of accepted licences."
    )
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print the table, and why the licences are accepted.

        Raises ``CommandError`` that names what is under another one.
        """
        found = installed()
        for line in _table(found):
            self.stdout.write(line)
        self.stdout.write("\nWhy they are accepted:")
        for reason, licences in _reasons(found).items():
            self.stdout.write(f"  {reason}: {', '.join(licences)}")
        if refused := [one for one in found if not one.is_accepted]:
            names = ", ".join(f"{one.name} ({one.licence or 'unknown'})" for one in refused)
            raise CommandError(f"Not on the list of accepted licences: {names}.")


def _reasons(found: list[Component]) -> dict[str, list[str]]:
    """Return the licences of these components by the reason why they are accepted."""
    reasons: dict[str, list[str]] = {}
    for licence, reason in ACCEPTED.items():
        if any(licence in one.names for one in found):
            reasons.setdefault(reason, []).append(licence)
    for (inside, name, licence), reason in EXCEPTIONS.items():
        if any((one.inside, one.name) == (inside, name) for one in found):
            reasons.setdefault(reason, []).append(f"{licence} ({name})")
    return reasons


def _table(found: list[Component]) -> list[str]:
    rows = [HEADINGS, *((one.name, one.version, one.licence, one.inside) for one in found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
