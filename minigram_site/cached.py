"""Cache-aside: answers kept in Redis that are checked at every hit, so that they are never wrong.

An entry holds ready bytes and the versions of all that they depend on (``minigram_site.versions``).
One script compares them with the present ones and returns the bytes in the same round trip. A
cached answer is therefore as true as the database at that moment, whatever its age; its age only
says when it is made anew:

- fresh: returned;
- older than ``soft`` seconds: one client makes it anew, the others get the old one;
- not there, or no longer true: one makes it, the others wait a little, then ask the database.

Without Redis, or while it may not be believed (``minigram_site.trust``), every function goes
straight to the database. Beside entries there are leaves: small values that stand in their own
version's key (counts), which change often and are put into an answer when it is read.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from minigram_site import redis_server
from minigram_site.entries import HIT, MISS, STALE, Found, Kind, entry_key, look, usable
from minigram_site.fills import Fill
from minigram_site.redis_server import Unreachable
from minigram_site.trust import Reading

# Seconds: how long others wait for the one who makes an entry, and how often they look.
PATIENCE = 0.15
GLANCE = 0.01
# Milliseconds after which the one who makes an entry is believed to be dead.
LOCKED = 3000

Build = Callable[[Fill], bytes | None]


def read(kind: Kind, key: str, build: Build) -> Found:
    """Return the answer for ``key``: kept, or what ``build`` returns (and keeps, by its fill).

    A hit is one round trip. What was just built comes without leaves: ``build`` knows them.
    """
    reading = usable()
    if reading is None:
        return _build(build, None)
    found = look(reading, [(kind, key)])
    if found is None:
        kind.count("error")
        return _build(build, None)
    return settle(reading, kind, key, found[0], build)


def settle(reading: Reading, kind: Kind, key: str, found: Found, build: Build) -> Found:
    """Return ``found`` if it is good enough, else see to it that one client makes it anew."""
    if found.state == HIT:
        kind.count("hit")
        return found
    if lock(reading, kind, key):
        try:
            return _make(reading, kind, key, build)
        finally:
            unlock(reading, kind, key)
    if found.state == STALE:
        kind.count("stale")
        return found
    waited = _wait(reading, kind, key)
    kind.count("miss")
    kind.count("wait" if waited else "rebuild")
    return waited or _build(build, reading)


def _make(reading: Reading, kind: Kind, key: str, build: Build) -> Found:
    """Make the entry anew, unless somebody has between the look and the lock."""
    again = look(reading, [(kind, key)])
    if again is not None and again[0].state == HIT:
        kind.count("hit")
        return again[0]
    kind.count("miss")
    kind.count("rebuild")
    return _build(build, reading)


def _build(build: Build, reading: Reading | None) -> Found:
    body = build(Fill(reading))
    return Found(MISS) if body is None else Found(MISS, body)


def lock(reading: Reading, kind: Kind, key: str) -> bool:
    """Tell whether it is this client who makes the entry."""
    try:
        name = _lock_key(reading, kind, key)
        return redis_server.call("SET", name, "1", "NX", "PX", LOCKED) is not None
    except Unreachable:
        return True


def unlock(reading: Reading, kind: Kind, key: str) -> None:
    """Let others make the entry."""
    with contextlib.suppress(Unreachable):
        redis_server.call("DEL", _lock_key(reading, kind, key))


def _lock_key(reading: Reading, kind: Kind, key: str) -> str:
    """Return the name of a lock, which is never that of an entry."""
    return "lock:" + entry_key(reading.generation, kind, key)


def _wait(reading: Reading, kind: Kind, key: str) -> Found | None:
    """Return what another client has made meanwhile, if it did so soon."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        time.sleep(GLANCE)
        found = look(reading, [(kind, key)])
        if found is None:
            return None
        if found[0].state != MISS:
            return found[0]
    return None
