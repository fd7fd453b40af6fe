"""What is measured side by side: a stage of some checkout with a data set and its people."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import psycopg

from infra.lab.bench.checkout import Checkout
from infra.lab.bench.client import Client
from infra.lab.bench.cpu import cpu_seconds
from infra.lab.bench.crowd import PASSWORD, Crowd, look_around
from infra.lab.bench.rows import Row
from infra.lab.bench.workload import WORKLOADS
from infra.lab.bench.wrk import Request
from infra.lab.data_set import DataSet
from infra.lab.measure.databases import addresses, connect
from infra.project import free_port

GUNICORN, POSTGRESQL, NGINX, REDIS, OTHERS = "gunicorn", "PostgreSQL", "nginx", "Redis", "others"
# Servers of a stage by the beginning of their name; worker and keeper are the others.
KINDS = {"web": GUNICORN, "postgres": POSTGRESQL, "replica": POSTGRESQL, "nginx": NGINX}
KINDS |= {"redis": REDIS}
# A line of `cluster status`: the name, the pid and the memory.
STATUS = re.compile(r"^(?P<name>\w+)\s.*\s(?P<pid>\d+)\s+\d+ MB\b", re.MULTILINE)
# Asked of the site in its own words, since a log-in for each person would take a minute of CPU.
ISSUE = """
import json, os
from django.db import transaction
from accounts.api.tokens import issue
from accounts.models import User
names = json.loads({names!r})
with transaction.atomic():
    users = User.objects.filter(username__in=names)
    print(json.dumps({{user.username: issue(user)["access"] for user in users}}))
"""
ENVIRONMENT = """
import json, os
print(json.dumps({name: os.environ.get(name, "") for name in
    ("DATABASE_URL", "DATABASE_REPLICA_URLS")}))
"""
# Every statement that PostgreSQL counts, BEGIN, COMMIT and the checks of foreign keys included,
# but what processes ask beside requests: the state of servers and cache, and whether there is work.
STATEMENTS = r"""
    SELECT coalesce(sum(calls), 0)::bigint
      FROM pg_stat_statements AS s JOIN pg_database AS d ON d.oid = s.dbid
     WHERE d.datname = current_database()
       AND query !~ '(pg_stat_|pg_is_in_recovery|minigram_cache_state|asked by the lab)'
       AND query !~ '^SELECT .*FROM "django_tasks'
"""
PUBLISHED = "SELECT /* asked by the lab */ count(*) FROM photos_photo WHERE id = ANY(%s)"
# How long a site is left alone to learn what it asks its databases by itself.
IDLE_SECONDS = 5
# Of nginx's own metrics; a site without an edge answers 404.
EDGE_HITS = re.compile(rb'^minigram_edge_requests_total\{outcome="hit"\} (\d+)', re.MULTILINE)
WARM_SECONDS, WARM_READS = 60, 30


class Contestant(Protocol):
    """A site on loopback that can be measured."""

    @property
    def label(self) -> str:
        """What its column is called."""

    @property
    def port(self) -> int:
        """Its port."""

    def requests(self, row: Row, dice: Random) -> list[Request]:
        """Return the requests of a row; none if it has no such thing."""

    def cpu(self) -> dict[str, float]:
        """Return the CPU seconds that each kind of server has used so far."""

    def statements(self) -> float | None:
        """Return how many statements its database has run for requests, if that is counted."""

    def is_done(self, accepted: Sequence[str]) -> bool:
        """Tell whether the work is done that it has accepted under these ids."""


@dataclass
class StageSite:
    """A running stage of a checkout, with people. ``roots`` are the first pids by kind."""

    label: str
    checkout: Checkout
    data: Path
    port: int
    roots: dict[str, list[int]] = field(default_factory=dict)
    databases: dict[str, str] = field(default_factory=dict)
    crowd: Crowd = field(default_factory=lambda: Crowd((), lambda _: {}))
    notes: list[str] = field(default_factory=list)
    # Statements per second that come without requests, since when they are left out.
    idle_rate: float = 0.0
    idle_since: float = 0.0
    _connections: list[psycopg.Connection[Any]] = field(default_factory=list)

    def requests(self, row: Row, dice: Random) -> list[Request]:
        """Return the requests of a row; none if the site or the data set has no such thing."""
        workload = WORKLOADS.get(row.name)
        return workload(self.crowd, dice) if workload else []

    def cpu(self) -> dict[str, float]:
        """Return the CPU seconds of all of its processes so far, by kind of server."""
        return cpu_seconds(self.roots)

    def statements(self) -> float | None:
        """Return the statements of all of its databases so far; nothing without PostgreSQL.

        Those that come without requests are left out, at the rate that ``listen`` has measured.
        """
        if not self.databases:
            return None
        found = [connection.execute(STATEMENTS).fetchone() for connection in self._connections]
        total = sum(int(row[0]) for row in found if row)
        return total - self.idle_rate * (time.monotonic() - self.idle_since)

    def listen(self) -> None:
        """Connect to its databases, and measure how many statements come without requests."""
        self._connections = [connect(address) for address in self.databases.values()]
        before, self.idle_since = self.statements(), time.monotonic()
        time.sleep(IDLE_SECONDS)
        if before is not None:
            after = self.statements() or 0
            self.idle_rate = (after - before) / (time.monotonic() - self.idle_since)

    def close(self) -> None:
        """Close the connections to its databases."""
        for connection in self._connections:
            connection.close()

    def is_done(self, accepted: Sequence[str]) -> bool:
        """Tell whether these photos are published. One statement, which is not counted."""
        # The first is the primary's. A connection of its own each time would be what costs most.
        row = self._connections[0].execute(PUBLISHED, [[int(one) for one in accepted]]).fetchone()
        return row is not None and row[0] == len(accepted)

    def ask(self, code: str) -> Any:
        """Run Python in the site's shell; return the JSON that it prints in its last line.

        Raises ``RuntimeError`` if it fails.
        """
        return json.loads(self._manage("shell", "-c", code).strip().splitlines()[-1])

    def issue(self, names: Sequence[str]) -> dict[str, str]:
        """Return a new access token for each of these people; raises ``RuntimeError``."""
        tokens: dict[str, str] = self.ask(ISSUE.format(names=json.dumps(list(names))))
        return tokens

    def populate(self, data_set: DataSet, readers: int) -> None:
        """Load a data set and let its first people look around; raises ``RuntimeError``."""
        arguments = [*data_set.arguments(), f"--password={PASSWORD}", "--verbosity=0"]
        self._manage("populate", *arguments)
        self.databases = addresses(self.ask(ENVIRONMENT))
        names = [f"user{number}" for number in range(1, min(readers, data_set.users) + 1)]
        self.crowd = Crowd(names, self.issue)
        with closing(Client(self.port)) as client:
            look_around(client, self.crowd)

    def wait_until_cached(self) -> None:
        """Read feeds until answers come without SQL; notes it if none does within a minute."""
        before, end = self._without_sql(), time.monotonic() + WARM_SECONDS
        while self._without_sql() <= before:
            if time.monotonic() > end:
                self.notes.append(f"{self.label}: nothing was answered without SQL for a minute.")
                return
            with closing(Client(self.port)) as client:
                for name in self.crowd.names[:WARM_READS]:
                    client.ask(Request("GET", "/api/v1/feed/", self.crowd.header_of(name)))

    def _without_sql(self) -> int:
        """Count what the site, and nginx if it has an edge, have answered without a statement."""
        answers = json.loads(self._manage("counters", "--json").strip().splitlines()[-1])["answers"]
        with closing(Client(self.port)) as client:
            _, _, counts = client.ask(Request("GET", "/metrics/edge"))
        by_edge = sum(int(number) for number in EDGE_HITS.findall(counts))
        return by_edge + sum(int(each.get("no_sql", 0)) for each in answers.values())

    def _manage(self, *arguments: str) -> str:
        return self.checkout.manage("cluster", "manage", "--data", str(self.data), *arguments)


@contextmanager
def running_stage(
    label: str,
    checkout: Checkout,
    stage: int,
    data_set: DataSet,
    *,
    readers: int,
    env: Mapping[str, str],
    report: Callable[[str], None],
) -> Iterator[StageSite]:
    """Run a stage of a checkout with a data set for the body of the ``with``.

    It is started, asked and stopped by the checkout's own commands. ``env`` are variables of the
    site. Raises ``RuntimeError`` with the words of a command that fails.
    """
    with TemporaryDirectory(prefix="minigram-bench-") as folder:
        # PostgreSQL's user must be able to enter.
        Path(folder).chmod(0o755)
        data, port = Path(folder, "cluster"), free_port()
        variables = {"RATE_LIMITS": "false", "LOG_LEVEL": "WARNING", **env}
        try:
            report(f"{label}: starting Stage {stage} ...")
            options = [f"--env={name}={value}" for name, value in variables.items()]
            checkout.manage(
                *("cluster", "up", f"--stage={stage}", f"--data={data}", f"--port={port}"),
                *options,
            )
            site = StageSite(label, checkout, data, port, notes=list(checkout.notes))
            site.roots = roots_of(checkout.manage("cluster", "status", f"--data={data}"))
            report(f"{label}: loading {data_set.photos} photos of {data_set.users} people ...")
            site.populate(data_set, readers)
            if stage == 5:
                site.wait_until_cached()
            with closing(site):
                site.listen()
                yield site
        finally:
            checkout.manage("cluster", "down", f"--data={data}", "--purge")


def roots_of(status: str) -> dict[str, list[int]]:
    """Return the first processes of each kind of server, as ``cluster status`` prints them.

    Raises ``RuntimeError`` if it shows none.
    """
    roots: dict[str, list[int]] = {}
    for found in STATUS.finditer(status):
        roots.setdefault(kind_of(found["name"]), []).append(int(found["pid"]))
    if not roots:
        raise RuntimeError(f"cluster status shows no process:\n{status}")
    return roots


def kind_of(name: str) -> str:
    """Return the kind of a part of a stage, by its name."""
    return KINDS.get(name.rstrip("0123456789"), OTHERS)
