"""Notices two data folders that use one ``INSTANCE_ID`` on one database.

Processes of one data folder share a number by file locks (``minigram_site.fields.snowflake``);
processes elsewhere must have another, or some of their ids are equal. Each process holds a shared
lock for its number and folder as long as it lives: on PostgreSQL an advisory lock, on a connection
of its own, on SQLite the lock of a file beside the database. It is refused while a lock for its
number and another folder is there. A killed process loses its lock, a forked one has its parent's.
"""

from __future__ import annotations

import fcntl
import logging
import platform
import threading
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections

from minigram_site.db.postgresql.connection import connection_parameters

# The first key of all advisory locks of this kind, to which the number is added.
LOCK_CLASS = 0x4D47_0000
RETRY_SECONDS = 5.0
# A machine that is gone loses its lock within a minute.
_LIMITS = {
    "connect_timeout": 2,
    "keepalives_idle": 30,
    "application_name": "minigram instance",
    "options": "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
    " -c idle_session_timeout=0",
}
_OTHER_FOLDER = """
    SELECT coalesce(host(activity.client_addr), 'this machine') FROM pg_locks AS held
    JOIN pg_stat_activity AS activity USING (pid)
    WHERE held.locktype = 'advisory' AND held.objsubid = 2 AND held.granted
        AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND held.classid = %(number)s::bigint::oid AND held.objid <> %(folder)s::bigint::oid
    LIMIT 1
"""

logger = logging.getLogger(__name__)


class InstanceIdInUse(ImproperlyConfigured):
    """Another data folder uses the ``INSTANCE_ID`` of this process."""


class _Held:
    """What keeps this process's lock, or its parent's: a connection or a file."""

    lock: threading.Lock = threading.Lock()
    by: psycopg.Connection[Any] | IO[str] | None = None
    is_claimed = False


def claim_instance() -> None:
    """Lock the ``INSTANCE_ID`` for this data folder until the process ends; once for a process.

    Raises ``InstanceIdInUse``. A PostgreSQL that does not answer is no reason not to start: the
    lock is taken later. Costs a connection and two statements the first time.
    """
    with _Held.lock:
        if _Held.is_claimed:
            return
        vendor = connections[DEFAULT_DB_ALIAS].vendor
        if vendor == "sqlite":
            _Held.by = _locked_file(Path(settings.DATABASES[DEFAULT_DB_ALIAS]["NAME"]))
        else:
            _Held.by = _connect_or_warn()
            threading.Thread(target=_keep_lock, name="instance lock", daemon=True).start()
        _Held.is_claimed = True


def folder_key() -> int:
    """Return 32 bits that are equal for all processes with this data folder on this machine."""
    folder = settings.DATA_DIR / "run"
    folder.mkdir(parents=True, exist_ok=True)
    machine = platform.node()
    with suppress(OSError):
        # Equal for all containers of a machine.
        machine = Path("/proc/sys/kernel/random/boot_id").read_text()
    status = folder.stat()
    return zlib.crc32(f"{machine} {status.st_dev} {status.st_ino}".encode())


def _locked_file(database: Path) -> IO[str]:
    """Return the open file that holds the lock for this folder on SQLite."""
    prefix = f"{database.name}-instance-{settings.INSTANCE_ID}-"
    own = database.with_name(f"{prefix}{folder_key():08x}.lock").open("a")
    fcntl.flock(own, fcntl.LOCK_SH)
    for path in database.parent.glob(f"{prefix}*.lock"):
        with path.open() as other:
            try:
                mode = fcntl.LOCK_SH if path.name == Path(own.name).name else fcntl.LOCK_EX
                fcntl.flock(other, mode | fcntl.LOCK_NB)
            except BlockingIOError:
                own.close()
                raise _in_use("this machine") from None
    return own


def _connect_or_warn() -> psycopg.Connection[Any] | None:
    """Return the connection that holds the lock; ``None`` if there is none yet."""
    try:
        return _locked_connection()
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        logger.warning("INSTANCE_ID %s is not locked yet: %s", settings.INSTANCE_ID, reason)
    return None


def _locked_connection() -> psycopg.Connection[Any]:
    """Take the lock and look for others: of two that start at once, one at least sees the other."""
    keys = {"number": LOCK_CLASS + settings.INSTANCE_ID, "folder": folder_key()}
    parameters = connection_parameters(connections.settings[DEFAULT_DB_ALIAS])
    connection = psycopg.connect(**{**parameters, **_LIMITS}, autocommit=True)
    try:
        signed = keys["folder"] - 2**32 if keys["folder"] >= 2**31 else keys["folder"]
        connection.execute("SELECT pg_advisory_lock_shared(%s, %s)", [keys["number"], signed])
        other = connection.execute(_OTHER_FOLDER, keys).fetchone()
    except BaseException:
        connection.close()
        raise
    if other:
        connection.close()
        raise _in_use(other[0])
    return connection


def _in_use(place: str) -> InstanceIdInUse:
    return InstanceIdInUse(
        f"INSTANCE_ID {settings.INSTANCE_ID} is used already by a process with another data folder "
        f"({place}): some ids of the two would be equal. Give each machine or data folder another."
    )


def _keep_lock() -> None:
    """Take the lock again whenever its connection is lost, until the process ends."""
    while True:
        if isinstance(_Held.by, psycopg.Connection):
            with suppress(psycopg.Error):
                # Nothing is ever notified: this ends with the connection.
                for _ in _Held.by.notifies():
                    pass
            _Held.by.close()
            logger.warning("The lock of INSTANCE_ID %s was lost.", settings.INSTANCE_ID)
        try:
            _Held.by = _connect_or_warn()
        except InstanceIdInUse:
            logger.exception("Two data folders make ids with one number.")
            _Held.by = None
        if _Held.by is None:
            time.sleep(RETRY_SECONDS)
