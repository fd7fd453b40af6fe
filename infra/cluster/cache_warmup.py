"""Waits until the cache of a stage serves reads: after a start, a site uses Redis only later."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from infra.cluster.cluster import Cluster

WARMUP_SECONDS = 60
# Each instance comes to trust Redis by itself, so that a round should reach all of them.
READS_PER_ROUND = 6


def wait_until_cache_serves(cluster: Cluster, read_feed: Callable[[], object]) -> bool:
    """Read a feed until an answer came from Redis, without SQL; tell whether one did.

    ``read_feed`` makes one request. Returns ``False`` after ``WARMUP_SECONDS``, which is long:
    the lease that an instance needs to trust Redis begins some seconds after its start. Raises
    ``ClusterError`` if the counts of the site cannot be read.
    """
    before, end = _served(cluster), time.monotonic() + WARMUP_SECONDS
    while time.monotonic() < end:
        for _ in range(READS_PER_ROUND):
            read_feed()
        if _served(cluster) > before:
            return True
    return False


def _served(cluster: Cluster) -> float:
    """Return how many feeds the site has answered without SQL. Costs one management command."""
    counts = json.loads(cluster.manage("counters", "--json"))
    return float(counts["answers"].get("feed", {}).get("no_sql", 0))
