"""Which server answers: the rules of reading and writing (docs/adr/0016-read-write-split.md).

Everything goes to the primary, except what a request reads that was opened for reading
(``minigram_site.web.read_your_writes``), outside of transactions and before it writes. Such a
request chooses a server at its first read and stays with it. A replica is chosen only if it has
replayed all that this client has written, is up and does not lag.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from django.db import DatabaseError, InterfaceError, connections, models

from minigram_site.db import context, instrumentation, lsn, monitor
from minigram_site.db.context import Work
from minigram_site.db.lsn_mmap import EVERYBODY
from minigram_site.db.replica_set import PRIMARY

# What decides whether somebody may do something is read where it is true, by app.
_NEVER_STALE = {"sessions", "admin", "auth", "django_tasks_database"}


class ReadWriteRouter:
    """Django's router for a primary and its streaming replicas."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        """Return where to read from."""
        return primary_alias() if model._meta.app_label in _NEVER_STALE else read_alias()

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        """Return where to write: always the primary."""
        return PRIMARY

    def allow_relation(self, one: models.Model, other: models.Model, **hints: Any) -> bool:
        """Let rows of any two servers refer to each other: they are copies."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Change tables on the primary only; replicas follow."""
        return db == PRIMARY


def read_alias() -> str:
    """Return the server for reads of this request; the primary outside of requests."""
    work = context.work()
    if not work.may_read or connections[PRIMARY].in_atomic_block:
        return PRIMARY
    if work.on_primary:
        return primary_alias()
    return work.server or _choose(work)


def primary_alias() -> str:
    """Return the primary; for requests that only read, a replica once the primary is gone."""
    work = context.work()
    if not work.may_read or connections[PRIMARY].in_atomic_block:
        return PRIMARY
    watch = monitor.watch()
    # Where it does not answer but is there (no connection is free), waiting replicas are no cure.
    # Once it has failed this request, a connection proves nothing: the pool may hold more such.
    if not watch.standing.primary_is_gone(monotonic()) and (
        (PRIMARY not in work.avoided and _connects(PRIMARY)) or not watch.primary_is_gone()
    ):
        return PRIMARY
    return next(filter(_connects, watch.standing.furthest(monotonic())), PRIMARY)


def person_is(user_id: int) -> None:
    """Say whose request this is, before its first read: they see what they wrote. No query."""
    work = context.work()
    work.person = user_id
    if work.may_read:
        require(lsn.needed_by(user_id))


def require(position: int) -> None:
    """Let this request read only from servers that have replayed past ``position``."""
    work = context.work()
    if position > work.position:
        work.position = position
        if work.server != PRIMARY:
            # Chosen for less: choose again, which goes forward in time.
            work.server = ""


@contextmanager
def on_primary() -> Iterator[None]:
    """Read from the primary inside of this block, as long as there is one."""
    work = context.work()
    work.on_primary += 1
    try:
        yield
    finally:
        work.on_primary -= 1


def _choose(work: Work) -> str:
    watch = monitor.watch()
    if not work.person:
        work.position = max(work.position, lsn.needed_by(EVERYBODY))
    for alias in watch.standing.able(work.position, work.person, monotonic()):
        if alias not in work.avoided and _connects(alias):
            work.server = alias
            return alias
    work.server = primary_alias()
    return work.server


def _connects(alias: str) -> bool:
    """Tell whether this thread has, or gets, a connection to the server."""
    try:
        connections[alias].ensure_connection()
    except (DatabaseError, InterfaceError) as error:
        instrumentation.failed(alias, error)
        return False
    return True
