"""``manage.py lab``: measure, break, compare and diagnose stages."""

from __future__ import annotations

from infra.lab.commands.subcommands import SUBCOMMANDS, GroupCommand


class Command(GroupCommand):
    """The performance lab: one tool with its subcommands."""

    help = "Measures stages under load, breaks them on purpose, and publishes the figures."
    subcommands = tuple(SUBCOMMANDS)
