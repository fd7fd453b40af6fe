"""A table of LSNs in a file that all processes of the machine see without a query.

For each account it holds the LSN after its last write, and for each name of what can change (the
dependencies of ``minigram_site.cache``) the LSN after its last change. It is a memory-mapped file
of fixed size; accounts and names are hashed to its slots. Where two share a slot the higher LSN
holds for both: their reads then go to the primary more often than they need to, never to a stale
replica. Reading costs about a microsecond and no lock, writing a file lock.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import threading
import zlib
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from minigram_site.fields.snowflake import hash_id

SLOTS = 65536
WIDTH = 8
# Stands in the place of an account for what everybody, visitors included, has to see.
EVERYBODY = 0
# Stands there for the newest LSN that was asked for after a write, whoever wrote.
NEWEST = -1
_SLOTS_OF_THEIR_OWN = {EVERYBODY: 0, NEWEST: 1}


class LsnTable:
    """The highest LSN recorded for each account, over all processes. Safe for threads and forks."""

    def __init__(self, path: Path) -> None:
        """Keep the path; the file is opened at first use, in each process by itself."""
        self._path = path
        self._view: memoryview[int] | None = None
        self._file = -1
        self._lock = threading.Lock()
        os.register_at_fork(after_in_child=self._reset_after_fork)

    def get(self, user_id: int) -> int:
        """Return the highest LSN recorded for the account, or for another in its slot; 0 if none.

        Raises ``OSError`` if the file cannot be opened.
        """
        return int(self._lsns()[_slot(user_id)])

    def raise_to(self, user_id: int, lsn: int) -> None:
        """Record ``lsn`` for the account unless a higher one is recorded already.

        Raises ``OSError`` if the file cannot be opened or locked.
        """
        self.raise_all([user_id], lsn)

    def raise_all(self, keys: Iterable[int], lsn: int) -> None:
        """Record ``lsn`` for accounts, or for the keys of names, that have no higher one.

        Raises ``OSError`` if the file cannot be opened or locked.
        """
        lsns, slots = self._lsns(), set(map(_slot, keys))
        # Locks of this kind belong to the process, so that its threads need another.
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                for slot in slots:
                    lsns[slot] = max(lsns[slot], lsn)
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)

    def _lsns(self) -> memoryview[int]:
        if self._view is None:
            with self._lock:
                self._open()
        assert self._view is not None  # noqa: S101
        return self._view

    def _open(self) -> None:
        if self._view is not None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(self._file, SLOTS * WIDTH)
        # Eight bytes at once, aligned: a reader sees the former LSN or the new one, never a mix.
        self._view = memoryview(mmap.mmap(self._file, SLOTS * WIDTH)).cast("Q")

    def _reset_after_fork(self) -> None:
        """Start without a file in a forked process, which does not hold its parent's lock."""
        self._lock = threading.Lock()
        self._view = None
        self._file = -1


local_table = LsnTable(settings.DATA_DIR / "run" / "lsns")


def key_of(name: str) -> int:
    """Return the key of a name, in every process the same number."""
    return zlib.crc32(name.encode())


def _slot(key: int) -> int:
    """Return the slot of an account or name; none has that of ``EVERYBODY`` or ``NEWEST``."""
    own, count = _SLOTS_OF_THEIR_OWN, len(_SLOTS_OF_THEIR_OWN)
    return own[key] if key in own else count + hash_id(key) % (SLOTS - count)
