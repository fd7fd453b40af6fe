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

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections, models

from minigram_site.db import context, instrumentation, lsn, monitor
from minigram_site.db.context import RequestContext
from minigram_site.db.lsn_mmap import EVERYBODY

# What decides whether somebody may do something is read where it is true, by app.
_NEVER_STALE = {"sessions", "admin", "auth", "django_tasks_database"}


class ReadWriteRouter:
    """Django's router for a primary and its streaming replicas."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        """Return where to read from."""
        return primary_alias() if model._meta.app_label in _NEVER_STALE else read_alias()

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        """Return where to write: always the primary."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: models.Model, other: models.Model, **hints: Any) -> bool:
        """Let rows of any two servers refer to each other: they are copies."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Change tables on the primary only; replicas follow."""
        return db == DEFAULT_DB_ALIAS


def read_alias() -> str:
    """Return the server for reads of this request; the primary outside of requests."""
    work = context.current()
    if not work.may_read or connections[DEFAULT_DB_ALIAS].in_atomic_block:
        return DEFAULT_DB_ALIAS
    if work.on_primary:
        return primary_alias()
    return work.server or _choose(work)


def primary_alias() -> str:
    """Return the primary; for requests that only read, a replica once the primary is gone."""
    work = context.current()
    if not work.may_read or connections[DEFAULT_DB_ALIAS].in_atomic_block:
        return DEFAULT_DB_ALIAS
    watch = monitor.get_monitor()
    # Where it does not answer but is there (no connection is free), waiting replicas are no cure.
    # Once it has failed this request, a connection proves nothing: the pool may hold more such.
    if not watch.standing.primary_is_gone(monotonic()) and (
        (DEFAULT_DB_ALIAS not in work.avoided and _connects(DEFAULT_DB_ALIAS))
        or not watch.primary_is_gone()
    ):
        return DEFAULT_DB_ALIAS
    return next(filter(_connects, watch.standing.furthest(monotonic())), DEFAULT_DB_ALIAS)


def set_user(user_id: int) -> None:
    """Say whose request this is, before its first read: they see what they wrote. No query."""
    work = context.current()
    work.person = user_id
    if work.may_read:
        require_lsn(lsn.required_for(user_id))


def require_lsn(position: int) -> None:
    """Let this request read only from servers that have replayed past ``position``."""
    work = context.current()
    if position > work.position:
        work.position = position
        if work.server != DEFAULT_DB_ALIAS:
            # Chosen for less: choose again, which goes forward in time.
            work.server = ""


@contextmanager
def on_primary() -> Iterator[None]:
    """Read from the primary inside of this block, as long as there is one."""
    work = context.current()
    work.on_primary += 1
    try:
        yield
    finally:
        work.on_primary -= 1


def _choose(work: RequestContext) -> str:
    watch = monitor.get_monitor()
    if not work.person:
        work.position = max(work.position, lsn.required_for(EVERYBODY))
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
        instrumentation.report_failure(alias, error)
        return False
    return True
