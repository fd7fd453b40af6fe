"""A table of numbers in a file that all processes of the machine see without a query.

For each person it holds the position in the write-ahead log after their last write. It is a
memory-mapped file of fixed size; people are hashed to its slots. Where two people share a slot
the higher number holds for both: their reads are then more careful than they need to be, never
less. Reading costs about a microsecond and no lock, writing a file lock.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import threading
from pathlib import Path

SLOTS = 65536
WIDTH = 8
# Knuth's multiplier: ids made in one millisecond differ in their low bits only.
_SPREAD = 0x9E3779B97F4A7C15
# The slot of what everybody has to see.
EVERYBODY = 0


class LsnTable:
    """The highest number written for each key, over all processes. Safe for threads and forks."""

    def __init__(self, path: Path) -> None:
        """Keep the path; the file is opened at first use, in each process by itself."""
        self._path = path
        self._view: memoryview[int] | None = None
        self._file = -1
        self._lock = threading.Lock()
        os.register_at_fork(after_in_child=self._forget)

    def get(self, key: int) -> int:
        """Return the highest number raised for ``key``, or for another in its slot; 0 for none."""
        return int(self._numbers()[_slot(key)])

    def raise_to(self, key: int, number: int) -> None:
        """Let ``key`` have at least ``number``."""
        numbers, slot = self._numbers(), _slot(key)
        # Locks of this kind belong to the process, so that its threads need another.
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                numbers[slot] = max(numbers[slot], number)
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)

    def _numbers(self) -> memoryview[int]:
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
        # Eight bytes at once, aligned: a reader sees the old number or the new one.
        self._view = memoryview(mmap.mmap(self._file, SLOTS * WIDTH)).cast("Q")

    def _forget(self) -> None:
        """Start without a file: the lock of a parent is not this process's."""
        self._lock = threading.Lock()
        self._view = None
        self._file = -1


def _slot(key: int) -> int:
    """Return the slot of a key; that of ``EVERYBODY`` is no person's."""
    if key == EVERYBODY:
        return 0
    return 1 + ((key * _SPREAD & 0xFFFFFFFFFFFFFFFF) >> 32) % (SLOTS - 1)
