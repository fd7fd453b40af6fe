"""Cache-aside: answers kept in Redis that are checked at every hit, so that they are never wrong.

An entry holds ready bytes and the versions of all that they depend on
(``minigram_site.cache.invalidation``). One script compares them with the present ones and returns
the bytes in the same round trip. A cached answer is therefore as true as the database at that
moment, whatever its age; its age only says when it is made anew:

- fresh: returned;
- older than ``soft`` seconds: one client makes it anew, the others get the old one;
- not there, or no longer true: one makes it, the others wait a little, then ask the database.

Without Redis, or while it may not be believed (``minigram_site.cache.lease``), every function goes
straight to the database. Beside entries there are leaves: small values that stand in their own
version's key (counts), which change often and are put into an answer when it is read.
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

# Seconds: how long others wait for the one who makes an entry, and how often they look.
WAIT_SECONDS = 0.15
POLL_SECONDS = 0.01

Build = Callable[[Writer], bytes | None]


def get_or_build(region: Region, key: str, build: Build) -> Entry:
    """Return the answer for ``key``: kept, or what ``build`` returns (and keeps, by its writer).

    A hit is one round trip. What was just built comes without leaves: ``build`` knows them.
    """
    reading = current_lease()
    if reading is None:
        return _build(build, Writer(None))
    claimed = claim(reading, [(region, key)], needs=())
    if claimed is None:
        region.count("error")
        return _build(build, Writer(None))
    return resolve(claimed, region, key, claimed.found[0], build)


def resolve(claimed: Claim, region: Region, key: str, found: Entry, build: Build) -> Entry:
    """Return ``found`` if it is good enough, else see to it that one client makes it anew.

    ``found`` is the last entry of what was claimed, with its needs.
    """
    if found.state == HIT:
        region.count("hit")
        return found
    if claimed.locked:
        region.count("miss")
        region.count("rebuild")
        writer = Writer(claimed.lease, lock_key(claimed.lease, region, key))
        try:
            writer.record(claimed.names, claimed.versions)
            return _build(build, writer)
        finally:
            writer.release()
    if found.state == STALE:
        region.count("stale")
        return found
    waited = _wait(claimed.lease, region, key)
    region.count("miss")
    region.count("wait" if waited else "rebuild")
    return waited or _build(build, Writer(claimed.lease))


def _build(build: Build, writer: Writer) -> Entry:
    body = build(writer)
    return Entry(MISS) if body is None else Entry(MISS, body)


def _wait(reading: Lease, region: Region, key: str) -> Entry | None:
    """Return what another client has made meanwhile, if it did so soon."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        time.sleep(POLL_SECONDS)
        claimed = claim(reading, [(region, key)])
        if claimed is None:
            return None
        if claimed.found[0].state != MISS:
            return claimed.found[0]
    return None
