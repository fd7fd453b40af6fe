"""Whether PostgreSQL has enough connections for everything that the site starts.

Each gunicorn process has a pool of its own, so the numbers multiply: checked before the first of
them starts, not found out by people at the busiest hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings

LIMIT = 100
# Workers, the keeper, commands and somebody with psql.
OTHERS = 10
# A process that reads from replicas asks each server how it is, on a connection of its own.
WATCH = 1


@dataclass(frozen=True)
class Demand:
    """How many connections one server is asked for, and by what."""

    instances: int
    processes: int
    pool: int
    watch: int

    @property
    def total(self) -> int:
        """The most connections that there can be at once."""
        return self.instances * self.processes * (self.pool + self.watch) + OTHERS

    def fault(self, limit: int) -> str:
        """Return why that is too much for a server with ``limit``, in a sentence; or nothing."""
        if self.total <= limit:
            return ""
        return (
            f"{self.instances} instances (INSTANCES) with {self.processes} processes each "
            f"(WEB_CONCURRENCY) and {self.pool} connections per process (pool in DATABASE_URL), "
            f"with {self.watch * self.instances * self.processes + OTHERS} for all else, may need "
            f"{self.total} connections, but there are {limit}. Lower one of the three."
        )


def fault(*, instances: int, processes: int) -> str:
    """Return why the configured servers cannot hold what is to be started, or nothing.

    Servers that are reachable are asked for their limit: one connection each, two seconds at the
    most. That none is, is no reason not to start.
    """
    for alias in ("default", *settings.REPLICAS):
        config = settings.DATABASES[alias]
        pool = config["OPTIONS"].get("pool")
        if not pool:
            return ""
        watch = WATCH if settings.REPLICAS else 0
        demand = Demand(instances, processes, pool["max_size"], watch)
        found = demand.fault(LIMIT) or demand.fault(_limit_of(config))
        if found:
            return found
    return ""


def _limit_of(config: dict[str, Any]) -> int:
    """Return how many connections a server gives to those who are no superusers."""
    try:
        with psycopg.connect(**_address(config), autocommit=True, connect_timeout=2) as connection:
            row = connection.execute(
                "SELECT current_setting('max_connections')::int"
                " - current_setting('superuser_reserved_connections')::int"
            ).fetchone()
    except psycopg.Error:
        return LIMIT
    return int(row[0]) if row else LIMIT


def _address(config: dict[str, Any]) -> dict[str, Any]:
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host"}
    address = {ours: config[name] for name, ours in {**names, "PORT": "port"}.items()}
    ways = {"host", "sslmode", "sslrootcert", "sslcert", "sslkey"} & set(config["OPTIONS"])
    return {name: value for name, value in address.items() if value} | {
        name: config["OPTIONS"][name] for name in ways
    }
