"""The context of one request (or command, or task): what it has read and written so far.

The router chooses a server by it (``minigram_site.db.router``). It is held in a context variable,
so that each thread and each asynchronous task has its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class RequestContext:
    """The reads and writes of one request. LSNs are counted in bytes since the log began."""

    # True for a request that only reads; false from its first write on.
    may_use_replica: bool = False
    # The server chosen at the first read; the request stays with it. Empty before that read.
    chosen_alias: str = ""
    # The LSN that a replica chosen so had replayed by then.
    chosen_lsn: int = 0
    # A replica may answer once it has replayed the write-ahead log up to this LSN.
    required_lsn: int = 0
    # Whether a server was chosen for a read that has not replayed so much: without a primary.
    is_behind: bool = False
    # The account that the request is made with; 0 for a visitor.
    user_id: int = 0
    # How many ``on_primary`` blocks are open.
    primary_depth: int = 0
    # Whether a statement was sent, to whichever server.
    ran_sql: bool = False
    # Whether the primary was written to, the LSN after the last commit that was asked for, and
    # whether a write has followed since, so that it must be asked for again.
    has_written: bool = False
    committed_lsn: int = 0
    lsn_unknown: bool = False
    # Stands for that LSN where the primary did not answer when it was asked; 0 where it did.
    lsn_bound: int = 0
    # Servers that failed in the present attempt to answer, and those that failed in earlier ones.
    failed_aliases: set[str] = field(default_factory=set)
    excluded_aliases: set[str] = field(default_factory=set)


_context: ContextVar[RequestContext | None] = ContextVar("minigram_request_context", default=None)


def current_context() -> RequestContext:
    """Return the context of this thread or task; outside requests one that uses the primary.

    No query.
    """
    context = _context.get()
    if context is None:
        context = RequestContext()
        _context.set(context)
    return context


@contextmanager
def request_context(*, may_use_replica: bool, required_lsn: int = 0) -> Iterator[RequestContext]:
    """Open the context of a request; the one before it is restored at the end."""
    context = RequestContext(may_use_replica=may_use_replica, required_lsn=required_lsn)
    token = _context.set(context)
    try:
        yield context
    finally:
        _context.reset(token)


def mark_written() -> None:
    """Record a write to the primary: from now on the request reads there as well."""
    context = current_context()
    context.may_use_replica = False
    context.has_written = context.lsn_unknown = True
    context.lsn_bound = 0
