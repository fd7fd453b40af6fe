"""Caches in the memory of one process, bounded in bytes, whoever fills them with whatever.

A number of entries is no bound where a client decides how large one is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from threading import Lock
from typing import Any, Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class BoundedCache(Generic[Key, Value]):
    """Keeps values up to a number of bytes; the oldest ones go first.

    Threads may use it at the same time; ``get`` takes no lock.
    """

    def __init__(self, max_bytes: int, size_of: Callable[[Value], int]) -> None:
        """Make an empty one; ``size_of`` returns the bytes of a value, with those of its key."""
        self.max_bytes = max_bytes
        self._size_of = size_of
        self._values: dict[Key, Value] = {}
        self._bytes = 0
        self._lock = Lock()

    def __len__(self) -> int:
        """Return the number of values."""
        return len(self._values)

    @property
    def bytes(self) -> int:
        """The bytes of all values together."""
        return self._bytes

    def get(self, key: Key) -> Value | None:
        """Return the value of ``key``, or ``None`` if there is none."""
        return self._values.get(key)

    def put(self, key: Key, value: Value) -> None:
        """Keep ``value``, and let the oldest go for it; one that is larger than all is not kept."""
        with self._lock:
            if (before := self._values.pop(key, None)) is not None:
                self._bytes -= self._size_of(before)
            self._values[key] = value
            self._bytes += self._size_of(value)
            while self._bytes > self.max_bytes:
                self._bytes -= self._size_of(self._values.pop(next(iter(self._values))))

    def discard(self, key: Key) -> None:
        """Drop the value of ``key``, if there is one."""
        with self._lock:
            if (value := self._values.pop(key, None)) is not None:
                self._bytes -= self._size_of(value)

    def clear(self) -> None:
        """Drop all values."""
        with self._lock:
            self._values.clear()
            self._bytes = 0


Group = TypeVar("Group")


class LastKept(Generic[Group, Key]):
    """Tells whether a cache still has what was kept last of a group, as it would of the others.

    What belongs together is kept together, and goes together.
    """

    MAX_BYTES = 1024**2
    _ENTRY_BYTES = 300

    def __init__(self, cache: BoundedCache[Key, Any]) -> None:
        """Watch a cache; ``note`` says what belongs to which group."""
        self._cache = cache
        self._last: BoundedCache[Group, Key] = BoundedCache(
            self.MAX_BYTES, lambda _: self._ENTRY_BYTES
        )

    def note(self, group: Group, key: Key) -> None:
        """Say that ``key`` of the group was kept just now."""
        self._last.put(group, key)

    def knows(self, group: Group) -> bool:
        """Tell whether the cache has what was noted last of the group."""
        key = self._last.get(group)
        return key is not None and self._cache.get(key) is not None


def remember_short(
    entries: int, longest: int
) -> Callable[[Callable[[str], Value]], Callable[[str], Value]]:
    """Return a decorator that remembers what a function returned for ``entries`` arguments.

    An argument longer than ``longest`` is computed each time: clients send headers of 8 kB. What a
    function raises is not remembered.
    """

    def decorate(function: Callable[[str], Value]) -> Callable[[str], Value]:
        remembered = lru_cache(maxsize=entries)(function)

        @wraps(function)
        def call(text: str) -> Value:
            return remembered(text) if len(text) <= longest else function(text)

        return call

    return decorate
