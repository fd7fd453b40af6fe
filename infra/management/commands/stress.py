"""``manage.py stress``: a short name of ``manage.py lab stress``."""

from __future__ import annotations

from infra.lab.commands.subcommands import AliasCommand


class Command(AliasCommand):
    """Run ``lab stress``."""

    subcommand = "stress"
