"""What one request (or command, or task) reads and writes, as the router needs to know it.

Held in a context variable: each thread and each asynchronous task has its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class RequestContext:
    """The reads and writes of one request."""

    # Whether replicas may answer: true for a request that only reads, until it writes after all.
    may_read: bool = False
    # The server chosen at the first read that may go to a replica; the request stays with it.
    server: str = ""
    # Servers have to have replayed the write-ahead log up to here.
    position: int = 0
    # The id of the person whose request it is; 0 where nobody is known.
    person: int = 0
    # How many ``on_primary`` blocks are open.
    on_primary: int = 0
    # Whether a statement was sent, whichever server it went to.
    asked: bool = False
    # Whether anything was written, and whether the position after it is still to be asked for.
    wrote: bool = False
    position_unknown: bool = False
    committed: int = 0
    # Servers that failed this request as it was answered last, and replicas that did before.
    lost: set[str] = field(default_factory=set)
    avoided: set[str] = field(default_factory=set)


_work: ContextVar[RequestContext | None] = ContextVar("minigram_work", default=None)


def current() -> RequestContext:
    """Return the work at hand; outside of requests one that reads from the primary. No query."""
    found = _work.get()
    if found is None:
        found = RequestContext()
        _work.set(found)
    return found


@contextmanager
def request_context(*, may_read: bool, position: int = 0) -> Iterator[RequestContext]:
    """Start the work of a request; afterwards the work before it is at hand again."""
    started = RequestContext(may_read=may_read, position=position)
    token = _work.set(started)
    try:
        yield started
    finally:
        _work.reset(token)


def mark_written() -> None:
    """Note that the primary was written to: from now on this request reads there as well."""
    now = current()
    now.may_read = False
    now.wrote = now.position_unknown = True
