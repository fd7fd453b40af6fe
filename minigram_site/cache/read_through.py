"""Read-through: a lookup that builds what is missing, with a stampede lock.

- A fresh entry is returned.
- A stale entry, past its soft TTL, is returned as well, while one client rebuilds it
  (stale-while-revalidate, RFC 5861). It is as true as a fresh one.
- An entry that is missing or no longer true is built by the client that holds its stampede lock.
  The others look again for ``WAIT_SECONDS``, then build it for themselves: the holder may be slow
  or dead.

Without Redis, or without a lease (``minigram_site.cache.lease``), each client builds for itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from minigram_site.cache.lease import Lease, current_lease
from minigram_site.cache.store import (
    HIT,
    MISS,
    STALE,
    Claim,
    Entry,
    Region,
    claim,
    lock_key,
)
from minigram_site.cache.writer import Writer

# How long a client waits for the holder of a stampede lock, and how often it looks.
WAIT_SECONDS = 0.15
POLL_SECONDS = 0.01

# Reads the database; returns the body, or ``None`` if there is none, and stores it by the writer.
Build = Callable[[Writer], bytes | None]


def get_or_build(region: Region, key: str, build: Build) -> Entry:
    """Return the entry for ``key``, or what ``build`` returns, as a miss without leaves.

    A hit is one round trip and no query. Raises what ``build`` raises.
    """
    lease = current_lease()
    if lease is None:
        return _build(build, Writer(None))
    claimed = claim(lease, [(region, key)], locks=True)
    if claimed is None:
        region.count("error")
        return _build(build, Writer(None))
    return resolve(claimed, region, key, claimed.found[0], build)


def resolve(claimed: Claim, region: Region, key: str, found: Entry, build: Build) -> Entry:
    """Return ``found`` if it is fresh, or stale and rebuilt by another client; else build it.

    ``found`` is the last entry that was claimed, ``key`` its key in ``region``. No round trip for
    the client that builds; another waits up to ``WAIT_SECONDS``. Raises what ``build`` raises.
    """
    if found.state == HIT:
        region.count("hit")
        return found
    if claimed.locked:
        region.count("miss")
        region.count("rebuild")
        writer = Writer(claimed.lease, lock_key(claimed.lease, region, key))
        try:
            return _build(build, writer)
        finally:
            writer.release()
    if found.state == STALE:
        region.count("stale")
        return found
    built = _wait(claimed.lease, region, key)
    region.count("miss")
    region.count("wait" if built else "rebuild")
    return built or _build(build, Writer(claimed.lease))


def _build(build: Build, writer: Writer) -> Entry:
    body = build(writer)
    return Entry(MISS) if body is None else Entry(MISS, body)


def _wait(lease: Lease, region: Region, key: str) -> Entry | None:
    """Return the entry once the holder of the stampede lock has stored it, ``None`` if too late."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        time.sleep(POLL_SECONDS)
        claimed = claim(lease, [(region, key)])
        if claimed is None:
            return None
        if claimed.found[0].state != MISS:
            return claimed.found[0]
    return None
