"""``manage.py breaking``: a short name of ``manage.py lab breaking``."""

from __future__ import annotations

from infra.lab.commands.subcommands import AliasCommand


class Command(AliasCommand):
    """Run ``lab breaking``."""

    subcommand = "breaking"
