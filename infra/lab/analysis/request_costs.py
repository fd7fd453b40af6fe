"""What one request costs, taken from a record: the measured half of a plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from infra.lab.analysis.formatting import whole_percent
from infra.lab.records import Record
from infra.lab.records.selection import of_kind
from infra.lab.records.storage import RecordInvalid

# Where a record says nothing, the plan assumes this and says so.
ASSUMED_POOL = 4
ASSUMED_FOLLOWERS = 50


@dataclass(frozen=True)
class Figure:
    """One number and where it comes from."""

    key: str
    value: float
    source: str


@dataclass(frozen=True)
class Costs:
    """The figures that a plan multiplies. CPU is per request of the whole mix."""

    record: str
    web_ms: Figure
    nginx_ms: Figure
    read_ms: Figure
    primary_ms: Figure
    redis_ms: Figure
    pool: Figure
    followers: Figure
    answer_bytes: Figure

    def figures(self) -> tuple[Figure, ...]:
        """Return all figures, in the order of a table."""
        return (
            self.web_ms,
            self.nginx_ms,
            self.read_ms,
            self.primary_ms,
            self.redis_ms,
            self.pool,
            self.followers,
            self.answer_bytes,
        )


def costs_of(record: Record) -> Costs:
    """Return the costs of one request of the mix, in CPU milliseconds, taken from ``record``."""
    read, primary = _database(record)
    return Costs(
        record=record.name,
        web_ms=_group(record, "web CPU", "web"),
        nginx_ms=_group(record, "nginx CPU", "nginx"),
        read_ms=read,
        primary_ms=primary,
        redis_ms=_group(record, "Redis CPU", "redis"),
        pool=_pool(record),
        followers=_followers(record),
        answer_bytes=Figure(
            "answer bytes",
            record.bytes.received / record.totals.requests if record.totals.requests else 0,
            f"{record.name}: bytes.received / totals.requests",
        ),
    )


def newest(records: Iterable[Record], stage: int | None = None) -> Record:
    """Return the run that a plan starts from: the newest mix of the highest stage that has one.

    Raises ``RecordInvalid`` if no run of the mix (of ``stage``) has the CPU of its servers.
    """
    runs = [r for r in of_kind(records, "stress", "mix") if r.server and stage in {None, r.stage}]
    if not runs:
        of = f" of stage {stage}" if stage else ""
        raise RecordInvalid(f"A plan needs a stress run of the mix{of} with the CPU of servers.")
    return max(runs, key=lambda one: (one.stage, one.started))


def write_share(record: Record) -> float:
    """Return the share of the requests that write."""
    counts = [(one.kind, one.requests) for one in record.operations.values()]
    every = sum(count for _, count in counts)
    return sum(count for kind, count in counts if kind == "write") / every if every else 0.0


def _group(record: Record, key: str, name: str) -> Figure:
    found = record.server.get(name)
    if found is None:
        return Figure(f"{key} ms", 0.0, f"{record.name}: this stage has no {name}")
    source = f"{record.name}: server.{name}.cpu_ms_per_request"
    return Figure(f"{key} ms", found.cpu_ms_per_request, source)


def _database(record: Record) -> tuple[Figure, Figure]:
    """Return the database's CPU per request of the mix that reads cause, and that writes cause.

    By the cost of each operation measured alone, where it was; else, with replicas, the primary's
    work is taken for that of writes; else the two are split by the share of writes, which is an
    assumption and is named as one.
    """
    databases = [name for name in record.server if name == "postgres" or name[:7] == "replica"]
    if not databases:
        told = f"{record.name}: this stage has no database server"
        return Figure("read CPU ms", 0.0, told), Figure("write CPU ms", 0.0, told)
    priced = [one for one in record.operations.values() if one.cpu_ms]
    if priced:
        told = f"{record.name}: operations.*.cpu_ms of database servers, weighted by requests,"
        return (
            Figure("read CPU ms", _priced(record, "read"), f"{told} reads"),
            Figure("write CPU ms", _priced(record, "write"), f"{told} writes"),
        )
    replicas = [one for name, one in record.server.items() if name.startswith("replica")]
    whole = record.server["postgres"].cpu_ms_per_request
    name = f"{record.name}: server.postgres.cpu_ms_per_request"
    if replicas:
        reads = sum(one.cpu_ms_per_request for one in replicas)
        return (
            Figure("read CPU ms", reads, f"{record.name}: server.replica*.cpu_ms_per_request"),
            Figure("write CPU ms", whole, name),
        )
    share = write_share(record)
    told = f"× the share of {{}} ({whole_percent(share, 1)} writes), assuming that both cost alike"
    return (
        Figure("read CPU ms", whole * (1 - share), f"{name} {told.format('reads')}"),
        Figure("write CPU ms", whole * share, f"{name} {told.format('writes')}"),
    )


def _priced(record: Record, kind: str) -> float:
    """Return database CPU of one kind of operation, per request of the whole mix."""
    every = sum(one.requests for one in record.operations.values())
    spent = sum(
        one.requests * ms
        for one in record.operations.values()
        if one.kind == kind
        for server, ms in one.cpu_ms.items()
        if server == "postgres" or server.startswith("replica")
    )
    return spent / every if every else 0.0


def _pool(record: Record) -> Figure:
    if record.configuration.pool:
        return Figure("pool", record.configuration.pool, f"{record.name}: configuration.pool")
    return Figure("pool", ASSUMED_POOL, "assumed: this stage has no pool")


def _followers(record: Record) -> Figure:
    follows = record.configuration.data.get("follows")
    if follows:
        return Figure("followers", follows, f"{record.name}: configuration.data.follows")
    return Figure("followers", ASSUMED_FOLLOWERS, "assumed: the record does not say")
