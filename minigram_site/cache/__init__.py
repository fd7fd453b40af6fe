"""A read-through cache in Redis whose entries are checked at every hit, so that none is wrong.

This is the face that apps use; the modules behind it are for this package alone. Reading:
``get_or_build`` with a ``Region`` and a build function, which gets a ``Writer`` and names the
dependencies of what it reads; reading without the cache: ``require_changes_of``. Writing:
``invalidate`` in the transaction that changes what those names stand for. Why it is done so:
docs/adr/0017-cache-aside.md.

- *Entry*: ready bytes (its body) under a key of a region, with the tokens of its dependencies.
- *Dependency*: the name of what an entry was built from; its *token* changes with each change.
  An entry is true while all its dependencies have the tokens that it was stored with.
- *Leaf*: a dependency whose key holds a small value beside the token (the counts of a photo). An
  entry shows leaves without depending on them: a change makes the leaf missing, the entry stays.
- *Region*: a kind of data, with one pair of TTLs. Past the *soft TTL* an entry is stale, which
  means true and to be rebuilt; past the *hard TTL* it is deleted.
- *Stampede lock*: makes one client build an entry while others wait or use the stale one.
- *Lease*: the right of a process to use the cache, for two seconds at a time.
"""

from minigram_site.cache.invalidation import (
    invalidate,
    invalidate_all,
    invalidate_many,
    redis_key,
    require_changes_of,
)
from minigram_site.cache.lease import Lease, current_lease
from minigram_site.cache.read_through import POLL_SECONDS, WAIT_SECONDS, get_or_build, resolve
from minigram_site.cache.store import (
    HIT,
    LOCK_TTL_MS,
    MISS,
    STALE,
    Claim,
    Entry,
    Region,
    acquire_lock,
    claim,
    entry_key,
    lock_key,
    release_lock,
)
from minigram_site.cache.writer import Built, Writer
from minigram_site.redis.client import is_configured

__all__ = [
    "HIT",
    "LOCK_TTL_MS",
    "MISS",
    "POLL_SECONDS",
    "STALE",
    "WAIT_SECONDS",
    "Built",
    "Claim",
    "Entry",
    "Lease",
    "Region",
    "Writer",
    "acquire_lock",
    "claim",
    "current_lease",
    "entry_key",
    "get_or_build",
    "invalidate",
    "invalidate_all",
    "invalidate_many",
    "is_configured",
    "lock_key",
    "redis_key",
    "release_lock",
    "require_changes_of",
    "resolve",
]
