"""``manage.py diagnostic``: a short name of ``manage.py lab diagnostic``."""

from __future__ import annotations

from infra.lab.commands.subcommands import AliasCommand


class Command(AliasCommand):
    """Run ``lab diagnostic``."""

    subcommand = "diagnostic"
