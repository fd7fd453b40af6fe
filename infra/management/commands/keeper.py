"""``manage.py keeper``: lets writes wait for a replica while there is one, and only then."""

from __future__ import annotations

import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from infra.ops.standby_keeper import Keeper

_ADDRESS = {
    "dbname": "NAME",
    "user": "USER",
    "password": "PASSWORD",
    "host": "HOST",
    "port": "PORT",
}


class Command(BaseCommand):
    """Run beside the site, once for a primary (two do no harm)."""

    help = (
        "Let writes wait for a replica while one streams. Keeps synchronous_standby_names of the "
        "primary right until stopped: ANY 1 of the replicas while one streams, none otherwise. "
        "Stopping leaves the setting as it is."
    )
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Look after the primary."""
        if not settings.REPLICAS:
            raise CommandError("DATABASE_REPLICA_URLS names no replica: there is nothing to keep.")
        keeper = Keeper(_address(settings.DATABASES["default"]), settings.REPLICAS)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: keeper.stop())
        self.stdout.write(f"Looking after {', '.join(settings.REPLICAS)} (stop with SIGTERM).")
        self.stdout.flush()
        keeper.run()


def _address(given: dict[str, Any]) -> dict[str, Any]:
    """Return the address of a database in libpq's words."""
    address = {name: given[key] for name, key in _ADDRESS.items() if given.get(key)}
    kept = {
        name: value
        for name, value in given["OPTIONS"].items()
        if name == "host" or name.startswith("ssl")
    }
    return {**address, **kept}
