"""How each fault is made, and mended again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from infra.cluster import Cluster
from infra.lab.measure.redis_server import redis_client

Act = Callable[[Cluster], None]


def nothing(cluster: Cluster) -> None:
    """Leave the cluster as it is: the fault mends itself."""


@dataclass(frozen=True)
class Fault:
    """What is broken, and what an administrator or a supervisor does about it."""

    begin: Act
    mend: Act


def _part(name: str, begin: str, mend: str) -> Fault:
    """Return a fault of one part, by the names of what the cluster does with parts."""

    def act(verb: str) -> Act:
        return lambda cluster: getattr(cluster, verb)(name)

    return Fault(act(begin), act(mend))


def _restart_in_turn(cluster: Cluster) -> None:
    instances = [part.name for part in cluster.parts if part.name.startswith("web")]
    cluster.restart(*instances)


def _replay(verb: str) -> Act:
    """Let a replica receive the log and not replay it, or go on."""

    def act(cluster: Cluster) -> None:
        cluster.sql("replica1", f"SELECT pg_wal_replay_{verb}()")

    return act


def _flush(cluster: Cluster) -> None:
    client = redis_client(cluster.env["CACHE_URL"])
    client.flushall()
    client.close()


FAULTS: dict[str, Fault] = {
    "site killed": _part("web1", "kill", "start"),
    "instance killed": _part("web2", "kill", "start"),
    "instance paused": _part("web2", "pause", "resume"),
    "restart in turn": Fault(_restart_in_turn, nothing),
    "worker killed": _part("worker", "kill", "start"),
    "primary killed": _part("postgres", "kill", "start"),
    "replica killed": _part("replica1", "kill", "start"),
    "replica late": Fault(_replay("pause"), _replay("resume")),
    "replica paused": _part("replica1", "pause", "resume"),
    "cache flushed": Fault(_flush, nothing),
    "cache stopped": _part("redis", "stop", "start"),
    "cache paused": _part("redis", "pause", "resume"),
}
