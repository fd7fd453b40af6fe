"""Cache-aside in Redis: answers that are checked at every hit, so that they are never stale.

This is the face that apps use; what stands in the modules behind it is for this package alone.
Reading: ``get_or_build`` with a ``Region``, whose build function gets a ``Writer`` and names what
the answer depends on. Writing: ``invalidate`` inside the transaction that changes those things.
"""

from minigram_site.cache.invalidation import invalidate, invalidate_all, invalidate_many
from minigram_site.cache.lease import Lease, current_lease
from minigram_site.cache.read_through import POLL_SECONDS, WAIT_SECONDS, get_or_build, resolve
from minigram_site.cache.store import (
    HIT,
    MISS,
    STALE,
    Claim,
    Entry,
    Region,
    acquire_lock,
    claim,
    lock_key,
    lookup,
    release_lock,
)
from minigram_site.cache.writer import Writer
from minigram_site.redis.client import is_configured

__all__ = [
    "HIT",
    "MISS",
    "POLL_SECONDS",
    "STALE",
    "WAIT_SECONDS",
    "Claim",
    "Entry",
    "Lease",
    "Region",
    "Writer",
    "acquire_lock",
    "claim",
    "current_lease",
    "get_or_build",
    "invalidate",
    "invalidate_all",
    "invalidate_many",
    "is_configured",
    "lock_key",
    "lookup",
    "release_lock",
    "resolve",
]
