"""Waiting until a site that has just started, or been filled, uses its cache."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from infra.cluster import Cluster

WARM_SECONDS = 60


def warmed(cluster: Cluster, read_feed: Callable[[], object]) -> bool:
    """Read a feed until Redis, which a site trusts only after some seconds, has answered.

    Every instance learns that for itself, so some reads are made at a time. False if Redis has
    answered none of them for ``WARM_SECONDS``.
    """
    before, end = _answered(cluster), time.monotonic() + WARM_SECONDS
    while time.monotonic() < end:
        for _ in range(6):
            read_feed()
        if _answered(cluster) > before:
            return True
    return False


def _answered(cluster: Cluster) -> float:
    counted = json.loads(cluster.manage("counters", "--json"))
    return float(counted["answers"].get("feed", {}).get("no_sql", 0))
