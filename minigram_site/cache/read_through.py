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

from minigram_site.cache.lease import Reading
from minigram_site.cache.store import HIT, MISS, STALE, Claim, Found, Kind, claim, lock_key, usable
from minigram_site.cache.writer import Fill

# Seconds: how long others wait for the one who makes an entry, and how often they look.
PATIENCE = 0.15
GLANCE = 0.01

Build = Callable[[Fill], bytes | None]


def read(kind: Kind, key: str, build: Build) -> Found:
    """Return the answer for ``key``: kept, or what ``build`` returns (and keeps, by its fill).

    A hit is one round trip. What was just built comes without leaves: ``build`` knows them.
    """
    reading = usable()
    if reading is None:
        return _build(build, Fill(None))
    claimed = claim(reading, [(kind, key)], needs=())
    if claimed is None:
        kind.count("error")
        return _build(build, Fill(None))
    return settle(claimed, kind, key, claimed.found[0], build)


def settle(claimed: Claim, kind: Kind, key: str, found: Found, build: Build) -> Found:
    """Return ``found`` if it is good enough, else see to it that one client makes it anew.

    ``found`` is the last entry of what was claimed, with its needs.
    """
    if found.state == HIT:
        kind.count("hit")
        return found
    if claimed.locked:
        kind.count("miss")
        kind.count("rebuild")
        fill = Fill(claimed.reading, lock_key(claimed.reading, kind, key))
        try:
            fill.note(claimed.names, claimed.versions)
            return _build(build, fill)
        finally:
            fill.release()
    if found.state == STALE:
        kind.count("stale")
        return found
    waited = _wait(claimed.reading, kind, key)
    kind.count("miss")
    kind.count("wait" if waited else "rebuild")
    return waited or _build(build, Fill(claimed.reading))


def _build(build: Build, fill: Fill) -> Found:
    body = build(fill)
    return Found(MISS) if body is None else Found(MISS, body)


def _wait(reading: Reading, kind: Kind, key: str) -> Found | None:
    """Return what another client has made meanwhile, if it did so soon."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        time.sleep(GLANCE)
        claimed = claim(reading, [(kind, key)])
        if claimed is None:
            return None
        if claimed.found[0].state != MISS:
            return claimed.found[0]
    return None
