"""Which LSNs replicas must have replayed, so that everybody reads their own writes.

After a write the LSN of the primary is handed to the client
(``minigram_site.web.read_your_writes``) and recorded for the account behind the request, for
clients that do not send it back. A replica may answer that account once it has replayed the
write-ahead log up to there.
"""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections, transaction

from minigram_site.db.context import current_context
from minigram_site.db.lsn_mmap import EVERYBODY, LsnTable
from minigram_site.db.lsn_redis import UNKNOWN, shared_store
from minigram_site.db.wal import current_wal_lsn

_table = LsnTable(settings.DATA_DIR / "run" / "lsns")


def committed_lsn() -> int:
    """Return the LSN after the last commit of this request or thread; 0 if it wrote nothing.

    One statement after each commit, none when called again, none without replicas. Inside a
    transaction it is the LSN of the commit before. Raises one of Django's database errors if the
    primary does not answer.
    """
    context = current_context()
    if not settings.REPLICAS:
        return 0
    if context.lsn_unknown and not connections[DEFAULT_DB_ALIAS].in_atomic_block:
        context.committed_lsn = current_wal_lsn()
        context.lsn_unknown = False
    return context.committed_lsn


def required_lsn(user_id: int) -> int:
    """Return the LSN that a replica must have replayed to answer this account; 0 is a visitor.

    No query; on a site of several machines one round trip to Redis.
    """
    here = max(_table.get(EVERYBODY), _table.get(user_id) if user_id else 0)
    shared = shared_store()
    if shared is None:
        return here
    try:
        return max(here, shared.required_lsn(user_id, current_wal_lsn))
    except (DatabaseError, InterfaceError):
        return UNKNOWN


def record_write(user_id: int, lsn: int, *, replayed_by_all: int = 0) -> None:
    """Require ``lsn`` of the replicas that answer the coming requests of this account.

    ``replayed_by_all`` is an LSN that every available replica has replayed: lower ones need not
    be kept in Redis any longer.
    """
    _table.raise_to(user_id, lsn)
    shared = shared_store()
    if shared is not None:
        shared.record_write(user_id, lsn, replayed_by_all)


def require_after_commit(*user_ids: int) -> None:
    """Let these accounts see what this transaction changes at their next read; none: everybody.

    For changes of what may be seen: blocks, privacy, suspensions, deletions. Costs one statement
    after the commit, nothing without replicas.
    """
    if settings.REPLICAS:
        # The change is committed, whatever happens to the primary now.
        transaction.on_commit(partial(_require, user_ids or (EVERYBODY,)), robust=True)


def _require(user_ids: tuple[int, ...]) -> None:
    lsn = committed_lsn()
    for user_id in user_ids:
        record_write(user_id, lsn)
