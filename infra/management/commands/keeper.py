"""``manage.py keeper``: lets writes wait for a replica while one streams, and only then."""

from __future__ import annotations

import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

from infra.ops.libpq import connection_parameters
from infra.ops.standby_keeper import StandbyKeeper


class Command(BaseCommand):
    """The keeper, one process beside the site for each primary; a second one does no harm."""

    help = (
        "Let writes wait for a replica while one streams. Keeps synchronous_standby_names of the "
        "primary right until stopped: ANY 1 of the replicas while one streams, none otherwise. "
        "Stopping leaves the setting as it is."
    )
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run until SIGTERM or SIGINT. Raises ``CommandError`` if no replica is configured."""
        if not settings.REPLICAS:
            raise CommandError("DATABASE_REPLICA_URLS names no replica: there is nothing to keep.")
        primary = connection_parameters(settings.DATABASES[DEFAULT_DB_ALIAS])
        keeper = StandbyKeeper(primary, settings.REPLICAS)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: keeper.stop())
        self.stdout.write(f"Looking after {', '.join(settings.REPLICAS)} (stop with SIGTERM).")
        self.stdout.flush()
        keeper.run()
