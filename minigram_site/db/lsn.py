"""Which LSNs replicas must have replayed, so that everybody reads their own writes.

After a write the LSN of the primary is handed to the client
(``minigram_site.web.read_your_writes``) and recorded for the account behind the request, for
clients that do not send it back. A replica may answer that account once it has replayed the
write-ahead log up to there.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import partial

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections, transaction

from minigram_site.db import lsn_mmap, monitor
from minigram_site.db.context import current_context
from minigram_site.db.lsn_mmap import EVERYBODY, NEWEST, key_of
from minigram_site.db.lsn_redis import UNKNOWN, shared_store
from minigram_site.db.wal import current_wal_lsn

logger = logging.getLogger(__name__)

# Stands for all names whose changes are recorded: it has the LSN of the last change of all.
_ANY_NAME = key_of("*")


def committed_lsn() -> int:
    """Return the LSN after the last commit of this request or thread; 0 if it wrote nothing.

    The commit of a transaction has brought it along (``note_commit``); after a statement that was
    one by itself it is one statement more. None when called again, none without replicas. Inside a
    transaction it is the LSN of the commit before. Every process of the machine knows the newest
    before the write is acknowledged (``newest_lsn``). Raises one of Django's database errors if
    the primary does not answer.
    """
    context = current_context()
    if not settings.REPLICAS:
        return 0
    if context.lsn_unknown and not connections[DEFAULT_DB_ALIAS].in_atomic_block:
        note_commit(current_wal_lsn())
    return context.committed_lsn


def note_commit(lsn: int) -> None:
    """Record the LSN after the last commit of this request or thread. No query."""
    context = current_context()
    context.committed_lsn, context.lsn_unknown = lsn, False
    lsn_mmap.local_table.raise_to(NEWEST, lsn)


def committed_lsn_or_bound() -> int:
    """Return the LSN after the last commit, or one above it where the primary was lost since.

    Raises no database error: what was committed is answered with success, and has to be seen
    afterwards. A lost primary is waited for once in a request.
    """
    context = current_context()
    if context.lsn_bound:
        return context.lsn_bound
    try:
        return committed_lsn()
    except (DatabaseError, InterfaceError):
        logger.exception("The LSN after a write is not known.")
    newest = newest_lsn()
    # That something was acknowledged has to be known, if not at which LSN.
    lsn_mmap.local_table.raise_to(NEWEST, newest + 1)
    context.lsn_bound = monitor.upper_bound_lsn(newest)
    return context.lsn_bound


def newest_lsn() -> int:
    """Return the LSN of the newest write that a process of this machine has acknowledged.

    It may be acknowledged only now, and other sessions may have written beyond it. No query.
    """
    return lsn_mmap.local_table.get(NEWEST)


def required_lsn(user_id: int) -> int:
    """Return the LSN that a replica must have replayed to answer this account; 0 is a visitor.

    No query; on a site of several machines one round trip to Redis.
    """
    table = lsn_mmap.local_table
    here = max(table.get(EVERYBODY), table.get(user_id) if user_id else 0)
    shared = shared_store()
    if shared is None:
        return here
    try:
        elsewhere = shared.required_lsn(user_id, current_wal_lsn)
    except (DatabaseError, InterfaceError):
        return UNKNOWN
    if newest_lsn() < elsewhere < UNKNOWN:
        table.raise_to(NEWEST, elsewhere)
    return max(here, elsewhere)


def record_write(user_id: int, lsn: int, *, replayed_by_all: int = 0) -> None:
    """Require ``lsn`` of the replicas that answer the coming requests of this account.

    ``replayed_by_all`` is an LSN that every available replica has replayed: lower ones need not
    be kept in Redis any longer.
    """
    lsn_mmap.local_table.raise_to(user_id, lsn)
    shared = shared_store()
    if shared is not None:
        shared.record_write(user_id, lsn, replayed_by_all)


def record_changes(names: Iterable[str], lsn: int) -> None:
    """Require ``lsn`` of the replicas that are read for what these names stand for.

    For readers whom Redis does not tell (``minigram_site.cache``): at this machine, which is all
    of them where there is no other. No query; nothing without replicas.
    """
    if settings.REPLICAS:
        lsn_mmap.local_table.raise_all([_ANY_NAME, *map(key_of, names)], lsn)


def required_by(names: Iterable[str]) -> int:
    """Return the LSN that a replica must have replayed to have the last changes of these names.

    0 if nothing has changed. No query.
    """
    return max(map(lsn_mmap.local_table.get, map(key_of, names)), default=0)


def required_by_any_name() -> int:
    """Return the LSN that a replica must have replayed to have every change of a name. No query."""
    return lsn_mmap.local_table.get(_ANY_NAME)


def require_after_commit(*user_ids: int) -> None:
    """Let these accounts see what this transaction changes at their next read; none: everybody.

    For changes of what may be seen: blocks, privacy, suspensions, deletions. Costs one statement
    after the commit, nothing without replicas.
    """
    if settings.REPLICAS:
        # The change is committed, whatever happens to the primary now.
        transaction.on_commit(partial(_require, user_ids or (EVERYBODY,)), robust=True)


def _require(user_ids: tuple[int, ...]) -> None:
    lsn = committed_lsn_or_bound()
    for user_id in user_ids:
        record_write(user_id, lsn)
