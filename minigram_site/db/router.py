"""Which server answers: the rules of reading and writing (docs/adr/0016-read-write-split.md).

Everything goes to the primary, except the reads of a request that only reads
(``minigram_site.web.read_your_writes`` opens it), outside transactions and before it writes. Such
a request chooses a server at its first read and stays with it. A replica is chosen only if it is
online, does not lag, and has caught up with all that this client has written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections, models

from minigram_site.db import instrumentation, lsn, monitor
from minigram_site.db.context import RequestContext, current_context
from minigram_site.db.lsn_mmap import EVERYBODY
from minigram_site.db.lsn_redis import UNKNOWN

# Apps whose tables decide who somebody is and what they may do: stale rows would let people in.
_PRIMARY_ONLY_APPS = {"sessions", "admin", "auth", "django_tasks_database"}


class ReadWriteRouter:
    """Django's router for a primary and its streaming replicas."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        """Return the alias of the server that ``model`` is read from."""
        return primary_alias() if model._meta.app_label in _PRIMARY_ONLY_APPS else read_alias()

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        """Return the alias of the server that ``model`` is written to: always the primary."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: models.Model, other: models.Model, **hints: Any) -> bool:
        """Allow rows of any two servers to refer to each other: replicas are copies."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Allow migrations on the primary only; replicas follow by replication."""
        return db == DEFAULT_DB_ALIAS


def read_alias() -> str:
    """Return the alias that this request reads from; the primary's outside requests.

    The first call of a request may connect to a server. No query.
    """
    context = current_context()
    if not context.may_use_replica or connections[DEFAULT_DB_ALIAS].in_atomic_block:
        return DEFAULT_DB_ALIAS
    if context.primary_depth:
        return primary_alias()
    return context.chosen_alias or _choose(context)


def primary_alias() -> str:
    """Return the primary's alias, or the most advanced replica's while the primary is down.

    A replica is returned only to a request that only reads, and only if it has all that was
    acknowledged, or the primary was asked in vain since. Costs nothing but a connection while the
    primary is up. No query.
    """
    context = current_context()
    if not context.may_use_replica or connections[DEFAULT_DB_ALIAS].in_atomic_block:
        return DEFAULT_DB_ALIAS
    if _primary_is_up(context):
        return DEFAULT_DB_ALIAS
    replica_set = monitor.get_monitor().replica_set
    advanced = replica_set.most_advanced(monotonic())
    alias = next(filter(_can_connect, advanced), DEFAULT_DB_ALIAS)
    if alias != DEFAULT_DB_ALIAS and replica_set.servers[alias].lsn < context.required_lsn:
        context.is_behind = True
    return alias


def set_user(user_id: int) -> None:
    """Name the account of this request before its first read: it sees its own writes.

    No query; on a site of several machines one round trip to Redis.
    """
    context = current_context()
    context.user_id = user_id
    if context.may_use_replica:
        require_lsn(lsn.required_lsn(user_id))


def require_lsn(minimum: int) -> None:
    """Let this request read only from servers that have replayed the log up to ``minimum``."""
    context = current_context()
    if minimum > context.required_lsn:
        context.required_lsn = minimum
        if context.chosen_alias != DEFAULT_DB_ALIAS and minimum > context.chosen_lsn:
            # It was chosen for a lower LSN. Choosing anew only goes forward in time.
            context.chosen_alias = ""


def require_changes_of(names: Iterable[str]) -> bool:
    """Let this request read only from servers that have the last changes of these names.

    Return whether what it has read so far may be older. The names are dependencies of
    ``minigram_site.cache``, whose readers learn the LSN from Redis where they can. No query.
    """
    context = current_context()
    if not context.may_use_replica:
        return False
    has_chosen = bool(context.chosen_alias)
    newest = lsn.required_by_any_name()
    if newest <= max(context.required_lsn, context.chosen_lsn):
        # As mostly: what has changed at all is there, and a page need not look up sixty names.
        require_lsn(newest)
        return False
    require_lsn(lsn.required_by(names))
    return has_chosen and not context.chosen_alias


def reads_are_behind() -> bool:
    """Return whether this request reads, or has read, from a replica that lacks what it requires.

    That happens only while the primary is down. No query.
    """
    read_alias()
    return current_context().is_behind


@contextmanager
def on_primary() -> Iterator[None]:
    """Read from the primary inside the block, as long as it is up."""
    context = current_context()
    context.primary_depth += 1
    try:
        yield
    finally:
        context.primary_depth -= 1


def _choose(context: RequestContext) -> str:
    """Choose the server of this request: the first caught-up replica, else the primary."""
    if not context.user_id:
        context.required_lsn = max(context.required_lsn, lsn.required_lsn(EVERYBODY))
    replica_set = monitor.get_monitor().replica_set
    caught_up = replica_set.caught_up(context.required_lsn, context.user_id, monotonic())
    for alias in caught_up:
        if alias not in context.excluded_aliases and _can_connect(alias):
            break
    else:
        alias = primary_alias()
    context.chosen_alias, context.chosen_lsn = alias, replica_set.servers[alias].lsn
    return alias


def _primary_is_up(context: RequestContext) -> bool:
    """Return whether the primary can be read from, by what is known and by a try to connect.

    A primary that accepts no connection may just have none free: then a probe decides, as reading
    from replicas that lag is no cure. Once it has failed this request, an idle connection proves
    nothing, as the pool may hold more that are broken: then, too, a probe decides.
    """
    current = monitor.get_monitor()
    if current.replica_set.primary_is_down(monotonic()):
        return _primary_has_returned(current, context)
    has_failed = DEFAULT_DB_ALIAS in context.excluded_aliases
    return (not has_failed and _can_connect(DEFAULT_DB_ALIAS)) or current.probe_primary()


def _primary_has_returned(current: monitor.Monitor, context: RequestContext) -> bool:
    """Return whether a primary that seems to be down is up, for what no replica has.

    Another process may have met it before this one observes it: its writes are acknowledged, and
    a replica that has not replayed them must not answer in its place.
    """
    newest = lsn.newest_lsn()
    required = context.required_lsn if context.required_lsn < UNKNOWN else 0
    advanced = current.replica_set.most_advanced(monotonic())
    replayed = current.replica_set.servers[advanced[0]].lsn if advanced else 0
    return replayed < max(newest, required) and current.primary_has_returned(newest)


def _can_connect(alias: str) -> bool:
    """Return whether this thread has, or gets, a connection to the server."""
    try:
        connections[alias].ensure_connection()
    except (DatabaseError, InterfaceError) as error:
        instrumentation.report_failure(alias, error)
        return False
    return True
