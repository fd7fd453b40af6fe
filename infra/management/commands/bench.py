"""``manage.py bench``: a short name of ``manage.py lab bench``."""

from __future__ import annotations

from infra.lab.commands.subcommands import AliasCommand


class Command(AliasCommand):
    """Run ``lab bench``."""

    subcommand = "bench"
