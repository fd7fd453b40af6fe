"""``manage.py drill``: a short name of ``manage.py lab drill``."""

from __future__ import annotations

from infra.lab.commands.subcommands import AliasCommand


class Command(AliasCommand):
    """Run ``lab drill``."""

    subcommand = "drill"
