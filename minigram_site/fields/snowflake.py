"""Time-ordered 64-bit ids: 41 bits of milliseconds, 10 of process, 12 of sequence.

The scheme is Twitter's Snowflake (2010), also described by Instagram engineering in "Sharding &
IDs at Instagram" (2012). The ids sort by time, so one column is both key and cursor, and rows
can later be spread over shards without renumbering. In JSON an id is a string (JavaScript
loses integers past 2**53); in page addresses it is a short base-58 code.

Two processes must never use one value of the 10 process bits at a time. Five bits come from
``INSTANCE_ID`` (different for every machine or data folder), five are a slot that the process
leases with a file lock, which the kernel frees when the process ends, however it ends.

The processes of an instance share a file with the time of the newest id. Where the clock was set
back they go on from there, so that nothing new sorts below what is old, also after a restart.

The first five days of the scheme, in which no site ran, hold the ids of what was brought along from
elsewhere (``imported_id``): 256 for each millisecond from 1900 to 2100. So such an id is the time
as well, sorts among its like, and below everything that was made here.
"""

from __future__ import annotations

import fcntl
import logging
import mmap
import os
import secrets
import struct
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings

logger = logging.getLogger(__name__)

EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
EPOCH_MS = int(EPOCH.timestamp() * 1000)
SEQUENCE_BITS = 12
PROCESS_BITS = 10
SLOTS = 32
TIME_SHIFT = SEQUENCE_BITS + PROCESS_BITS
MAX_ID = 2**63 - 1
# Ids below are those of what was brought along.
MADE_HERE_FROM = 5 * 86_400_000 << TIME_SHIFT
IMPORTED_FROM, IMPORTED_UNTIL = datetime(1900, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_IMPORTED_BITS = 8
MAX_DIGITS = len(str(MAX_ID))

# Base 58: without 0, O, I and l, which are easily confused when an address is copied by hand.
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUE_OF = {character: value for value, character in enumerate(ALPHABET)}
# Two digits at a time, for speed: every photo of every list gets a code.
_PAIRS = [high + low for high in ALPHABET for low in ALPHABET]
_PAIR_BASE = len(_PAIRS)


# How far the clock may be behind the newest id, in milliseconds, before the log says so.
_BEHIND_MS = 60_000
_MARK = struct.Struct("=q")


class NoFreeSlot(RuntimeError):
    """More than 32 processes of one instance make ids at once."""


def id_at(moment: datetime, offset: int = 0) -> int:
    """Return the id with the number ``offset`` in the millisecond of ``moment``.

    Without an offset it is the smallest id of that time: a bound for "since" queries.
    """
    return ((int(moment.timestamp() * 1000) - EPOCH_MS) << TIME_SHIFT) | offset


def imported_id(moment: datetime, attempt: int = 0) -> int:
    """Return an id for what was made elsewhere at ``moment``; nothing keeps it from being taken.

    Ask again with a higher ``attempt`` if it is: from then on it may be a millisecond or more late.
    A time before 1900 or after 2099 becomes the nearest in between.
    """
    kept = min(max(moment, IMPORTED_FROM), IMPORTED_UNTIL)
    since = (kept - IMPORTED_FROM) // timedelta(milliseconds=1)
    # 0 is no id.
    return (since << _IMPORTED_BITS) + 1 + secrets.randbelow((1 << _IMPORTED_BITS) - 1 << attempt)


def is_imported(identifier: int) -> bool:
    """Return whether an id is that of what was brought along from elsewhere."""
    return identifier < MADE_HERE_FROM


def moment_of(identifier: int) -> datetime:
    """Return the time (UTC, milliseconds) at which an id was made, or that of ``imported_id``."""
    if identifier < MADE_HERE_FROM:
        return IMPORTED_FROM + timedelta(milliseconds=identifier >> _IMPORTED_BITS)
    return datetime.fromtimestamp(((identifier >> TIME_SHIFT) + EPOCH_MS) / 1000, tz=UTC)


def parse_id(text: str) -> int | None:
    """Return the id in ``text`` (decimal digits), ``None`` for anything but 1 to 2**63 - 1."""
    if not text.isascii() or not text.isdigit() or len(text) > MAX_DIGITS:
        return None
    identifier = int(text)
    return identifier if 0 < identifier <= MAX_ID else None


def encode(identifier: int) -> str:
    """Return the short base-58 code of an id, as page addresses use it."""
    code = ""
    while identifier >= _PAIR_BASE:
        identifier, pair = divmod(identifier, _PAIR_BASE)
        code = _PAIRS[pair] + code
    return (_PAIRS[identifier] if identifier >= len(ALPHABET) else ALPHABET[identifier]) + code


def decode(code: str) -> int:
    """Return the id of a short code. Raises ``ValueError`` if it is none or past 63 bits."""
    identifier = 0
    for character in code:
        if character not in _VALUE_OF:
            raise ValueError(f"{character!r} is not part of a code")
        identifier = identifier * 58 + _VALUE_OF[character]
    if not code or identifier > MAX_ID:
        raise ValueError("not the code of an id")
    return identifier


def hash_id(identifier: int) -> int:
    """Return 32 bits of an id that are evenly spread, to be cut to a remainder.

    Ids as they are share their low bits: made one in a millisecond they all end in zeros. This is
    Fibonacci hashing (Knuth, The Art of Computer Programming, volume 3, 6.4): the upper half of
    the product with 2**64 divided by the golden ratio.
    """
    return (identifier * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF) >> 32


class Generator:
    """Makes ids that no other process makes, in rising order. Safe for threads and after a fork."""

    def __init__(self) -> None:
        """Start without a slot: it is leased when the first id is asked for."""
        self._lock = threading.Lock()
        self._lease: IO[str] | None = None
        # The milliseconds of the newest id of the instance, shared by its processes.
        self._mark: mmap.mmap | None = None
        self._process = 0
        self._last = 0
        self._sequence = 0
        # Called before the first id, to see that no other data folder uses the INSTANCE_ID.
        self.claim: Callable[[], None] = lambda: None
        # Whether this process alone makes ids in its last millisecond.
        self._alone = False
        os.register_at_fork(after_in_child=self._reset_after_fork)

    def __call__(self) -> int:
        """Return the next id. Raises ``NoFreeSlot`` if 32 processes of the instance make ids."""
        with self._lock:
            if self._mark is None:
                self.claim()
                folder = settings.DATA_DIR / "run"
                self._take_slot(folder)
                self._mark = _shared_mark(folder / f"ids-{settings.INSTANCE_ID}.newest")
            self._advance(self._mark)
            return (self._last << TIME_SHIFT) | (self._process << SEQUENCE_BITS) | self._sequence

    def _advance(self, mark: mmap.mmap) -> None:
        """Advance to an unused pair of millisecond and sequence, even if the clock went back."""
        now = time.time_ns() // 1_000_000 - EPOCH_MS
        newest = max(_MARK.unpack_from(mark)[0], self._last)
        behind = now < newest
        if behind:
            # Above an id that another process made there is only a later millisecond.
            now = newest if self._alone and newest == self._last else newest + 1
        self._alone = behind
        self._sequence = self._sequence + 1 if now == self._last else 0
        if self._sequence >> SEQUENCE_BITS:
            now, self._sequence = now + 1, 0
        self._last = now
        if now != newest:
            _MARK.pack_into(mark, 0, now)

    def _take_slot(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for slot in range(SLOTS):
            lease = (folder / f"ids-{settings.INSTANCE_ID}-{slot}.lock").open("w")
            try:
                fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lease.close()
                continue
            self._lease = lease
            self._process = settings.INSTANCE_ID * SLOTS + slot
            return
        raise NoFreeSlot(
            f"All {SLOTS} id slots of instance {settings.INSTANCE_ID} are in use: give further "
            "processes another INSTANCE_ID."
        )

    def _reset_after_fork(self) -> None:
        """Give up the parent's slot in a forked process, which will lease its own.

        Closing the inherited file does not free the slot: the lock belongs to the open file that
        both share, and holds as long as the parent keeps it open.
        """
        self._lock = threading.Lock()
        self._mark = None
        if self._lease is not None:
            self._lease.close()
            self._lease = None


def _shared_mark(path: Path) -> mmap.mmap:
    """Return the file at ``path``, made if it is missing, as memory that processes share."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.ftruncate(descriptor, _MARK.size)
        mark = mmap.mmap(descriptor, _MARK.size)
    finally:
        os.close(descriptor)
    behind = _MARK.unpack_from(mark)[0] - (time.time_ns() // 1_000_000 - EPOCH_MS)
    if behind > _BEHIND_MS:
        logger.warning(
            "The clock is %s s behind the newest id: what is new gets the time of that. If the "
            "clock was wrong then and is right now, stop the site and delete %s.",
            behind // 1000,
            path,
        )
    return mark


_generate = Generator()


def set_claim(claim: Callable[[], None]) -> None:
    """Let ``claim`` be called before a process makes its first id; it raises if it must not."""
    _generate.claim = claim


def claim() -> None:
    """See now, at the start of a server, that this process may make ids. Raises as ``new_id``."""
    _generate.claim()


def new_id() -> int:
    """Return an id that no other process makes. Costs a lock and a look at the clock; no query.

    Raises ``NoFreeSlot`` if 32 processes of the instance make ids already, and before the first
    one ``InstanceIdInUse`` if another data folder uses the ``INSTANCE_ID``.
    """
    return _generate()
