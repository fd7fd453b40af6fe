"""Invalidation: each dependency has a token in Redis, and a change replaces it.

A dependency is a name for what can change: an account, a photo, the blocks of an account. Its key
in Redis holds

    <token>:<lsn>[ <value>]

The token is 16 characters, ``V`` and a random rest. An entry is stored with the tokens of its
dependencies, captured before the database was read, and is true as long as they are still the
present ones. A key that is missing (evicted, flushed) equals no token. ``lsn`` is how far a
replica must have replayed PostgreSQL's log to be read for an entry: a number, or ``t`` and the
time of Redis at which a reader made the missing key without knowing an LSN. Only leaves have a
``value`` (``minigram_site.cache``).

A change writes the key twice. Before the commit it marks the key as pending,

    P:<lsn>|<deadline>:<change>,<deadline>:<change>…

which equals no token: entries that depend on it are neither used nor stored. After the commit it
takes itself out, and the last change that is pending sets a new token. A process that dies
between the two is disregarded from its deadline on, and what was stored before it began stays
invalid for ever.

What is read before its dependencies are known cannot capture their tokens. So the end of each
change also sets the token of one more key, the last change, and puts this token and the names into
a log beside it, by which ``lua/store_unchanged.lua`` tells what has changed since a reader began.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections, transaction

from minigram_site.cache.lease import (
    Lease,
    lease_for_write,
    revoke,
    revoke_and_wait,
    wait_until_expired,
)
from minigram_site.cache.scripts import BEGIN_CHANGE, CAPTURE_TOKENS, END_CHANGE, TOKEN_LENGTH
from minigram_site.cache.state import OFF, read_row
from minigram_site.db import lsn, router
from minigram_site.db.context import current_context
from minigram_site.redis import client
from minigram_site.redis.client import Unreachable

# Its key gets a new token with the end of every change, and the time of Redis.
LAST_CHANGE = "last-change"
# Milliseconds that a token lives after it was set.
TOKEN_TTL_MS = 3_600_000
# Milliseconds from the mark of a change to its deadline.
PENDING_TTL_MS = 30_000
_CHUNK = 1000


def new_token() -> str:
    """Return a random token."""
    return "V" + secrets.token_urlsafe(11)


def redis_key(generation: str, dependency: str) -> str:
    """Return the key of a dependency in Redis.

    Its form never changes: all processes of a site must use the same one, also while one release
    replaces another.
    """
    return f"mg:{generation}:{dependency}"


def invalidate(*dependencies: str) -> None:
    """Invalidate all entries that depend on these names, with the commit of this transaction.

    A verb calls this once, after its last write; one that is made of several functions (following:
    the counts, then the feed) lets them return the names, or calls it in the last of them:

    - Only then it knows what has changed. A like that was there already changes nothing, and
      must not make a page invalid.
    - From the mark to the commit nothing that depends on these names can be stored, so that each
      reader asks the database. Marked first, a row that many wait to lock (the counts of a
      popular photo) would stay pending while they wait in line: a stampede.
    - The deadline of a mark begins with the mark. A transaction that is longer than 30 s after
      it (a publication to many followers, marked first) could commit unmarked.

    Nothing speaks for marking earlier: tokens are captured before the database is read, so an
    entry that was read before the commit is invalid after it, wherever in the transaction the
    mark was made; and a transaction stores no entries, so what it reads of its own writes stays
    its own. It must not expect to read its own writes through the cache before this call. Marks
    lock nothing and cannot deadlock. Where Redis fails, the row of the cache's state is locked
    until this commit, which is near, and it is skipped if another transaction has locked it.

    One round trip for each 1,000 names, and a message after the commit; nothing without Redis. If
    Redis cannot be told, ``on_commit`` waits until no process uses the cache any more:
    then, and only then, it takes ``LEASE_SECONDS``. Raises ``TransactionManagementError`` outside
    of a transaction.
    """
    if client.is_configured() and dependencies:
        invalidate_many(dependencies)


def invalidate_many(dependencies: Iterable[str]) -> None:
    """Invalidate entries as ``invalidate`` does, for an iterable of any length.

    It is consumed in parts of 1,000 names, and not at all without Redis. Raises
    ``TransactionManagementError`` outside of a transaction.
    """
    if not client.is_configured():
        return
    if not connections[DEFAULT_DB_ALIAS].in_atomic_block:
        raise transaction.TransactionManagementError("Invalidation belongs into a transaction.")
    remaining = iter(dependencies)
    while part := list(islice(remaining, _CHUNK)):
        change = secrets.token_urlsafe(8)
        begun = _begin(part, change)
        transaction.on_commit(partial(_end, part, change, begun=begun))


def invalidate_all() -> None:
    """Invalidate everything with the commit of this transaction, for changes of very many rows.

    Also without Redis in this process: a command may run beside a site that has one. One or two
    statements, and ``LEASE_SECONDS`` after the commit unless the cache is off. Raises Django's
    ``DatabaseError`` or ``InterfaceError``.
    """
    # A row that another transaction has locked is switched off after the commit.
    if revoke() or read_row().state != OFF:
        transaction.on_commit(revoke_and_wait)


def require_changes_of(dependencies: Iterable[str]) -> bool:
    """Read from a server that has the last changes of these, for readers without the cache.

    Return whether what this request has read so far may be older, and is to be read again. No
    query, no round trip; nothing without Redis or without replicas.
    """
    return client.is_configured() and router.require_changes_of(dependencies)


def capture_tokens(generation: str, dependencies: Sequence[str]) -> list[bytes]:
    """Return the values of these dependencies' keys, in order; missing keys are made.

    Comes before the database is read. One round trip; raises ``Unreachable``.
    """
    keys = [redis_key(generation, name) for name in dependencies]
    return list(CAPTURE_TOKENS(keys, new_token(), TOKEN_TTL_MS)) if keys else []


def is_pending(value: bytes) -> bool:
    """Tell whether a key's value says that a change is pending."""
    return value[:1] == b"P"


def required_lsn(values: Iterable[bytes], lease: Lease) -> int | None:
    """Return the LSN that a replica must have replayed to be read for an entry.

    ``values`` are those of the keys that the entry depends on. ``None``: only the primary may be
    read. A key that a reader made holds a time of Redis: what was committed before that lies
    before any LSN that was taken later, as the lease's was if its own time of Redis is later.
    """
    furthest = lease.row.floor_lsn
    # Many keys were made together and hold the same text.
    for text in {
        value[TOKEN_LENGTH + 1 :].partition(b" ")[0] for value in values if not is_pending(value)
    }:
        if not text.startswith(b"t"):
            furthest = max(furthest, int(text or 0))
        elif lease.redis_time > int(text[1:]):
            furthest = max(furthest, lease.wal_lsn)
        else:
            return None
    return furthest


def _begin(dependencies: Sequence[str], change: str) -> bool:
    """Mark as pending; tell whether Redis was told, or need not be."""
    lease = lease_for_write()
    if lease.state == OFF:
        return True
    try:
        keys = [redis_key(lease.generation, name) for name in dependencies]
        BEGIN_CHANGE(keys, change, PENDING_TTL_MS)
        if lease.has_current_run():
            return True
    except Unreachable:
        pass
    revoke()
    return False


def _end(dependencies: Sequence[str], change: str, *, begun: bool) -> None:
    """Set new tokens. Called after the commit: whatever fails here, the change is committed."""
    # Who reads without the cache learns of the change as well.
    lsn.record_changes(dependencies, lsn.committed_lsn_or_bound())
    # A bound may lie too low for entries, which would live for long.
    if begun and not current_context().lsn_bound and _finish(dependencies, change):
        return
    revoke_and_wait()


def _finish(dependencies: Sequence[str], change: str) -> bool:
    """Send new tokens; tell whether that was possible, or need not be.

    No answer is awaited: while it has not come, and if it never does, the mark is there, under
    which nothing is used or stored.
    """
    try:
        committed = lsn.committed_lsn()
        lease = lease_for_write()
        if lease.state == OFF:
            wait_until_expired(lease)
            return True
        names = [*dependencies, LAST_CHANGE]
        keys = [redis_key(lease.generation, name) for name in names]
        client.send([END_CHANGE.command(keys, change, new_token(), committed, TOKEN_TTL_MS)])
    except (Unreachable, DatabaseError, InterfaceError):
        return False
    return lease.has_current_run()
