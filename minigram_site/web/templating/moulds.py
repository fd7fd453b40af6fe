"""Moulds: a fragment's template, rendered once for all values that it only shows.

A tile that nobody was shown before takes Django's engine 80 microseconds, to put a dozen values
between words that are those of every other tile. A mould is the same template, rendered by the
same engine with a mark in the place of each of these values. What is left to do for a tile is to
put its values, escaped, where the marks are. The template says what a tile looks like, and nothing
else does.

An item is moulded if its class says which of its values a template decides by (``Moulded``): all
others are open, and shown as they are. A mould is compared with what the engine makes of an item
before it is used.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Hashable, Mapping
from html import escape
from operator import attrgetter
from typing import Any, NamedTuple, Protocol, runtime_checkable

from django.template import TemplateSyntaxError

from minigram_site.memory_cache import BoundedCache

# Bytes of moulds that a process keeps: there are some for each template and language.
MAX_BYTES = 4_000_000
_ENTRY_BYTES = 1_000
# Letters, digits and dots only, so that escaping, addresses and quoting leave a mark as it is.
_NONCE = secrets.token_hex(4).upper()
_MARKS = re.compile(rf"M{_NONCE}\.([0-9]+)\.")
# Says of a value by which a template decides that it is there, and is shown as it is.
SHOWN = "shown"

Decisive = Mapping[str, Hashable]


@runtime_checkable
class Moulded(Protocol):
    """An item of which ``decisive`` says, by path (``cover.alt_text``), what templates decide by.

    These are all values in conditions, filters and plural forms; ``SHOWN`` stands for a text that
    is there. Equal ones mean that the item looks like any other, but for the values that are open.
    """

    @property
    def decisive(self) -> Decisive:
        """Return the values that decide, by path."""


class Mould(NamedTuple):
    """The text of a fragment with ``%s`` for each value, and what finds the values."""

    text: str
    values_of: Callable[[Any], tuple[Any, ...]]

    def filled(self, item: Any) -> str:
        """Return the fragment that shows ``item``: texts escaped, numbers as they are."""
        values = self.values_of(item)
        return self.text % tuple([escape(one) if type(one) is str else one for one in values])


moulds: BoundedCache[Hashable, Mould] = BoundedCache(
    MAX_BYTES, lambda mould: _ENTRY_BYTES + len(mould.text)
)


class _Mark(str):
    """Stands in a template for a value, and its attributes for those of the value."""

    _path: str
    _decisive: Decisive
    _paths: list[str]
    _is_there: bool

    @classmethod
    def of(
        cls, path: str, decisive: Decisive, paths: list[str], *, is_there: bool = False
    ) -> _Mark:
        """Return the mark of a path, which is added to the ``paths`` of all marks."""
        mark = cls(f"M{_NONCE}.{len(paths)}.")
        paths.append(path)
        mark._path, mark._decisive, mark._paths, mark._is_there = path, decisive, paths, is_there
        return mark

    def __getitem__(self, name: Any) -> Any:
        """Return what a template finds under ``name``, which it asks for in this way first."""
        path = f"{self._path}.{name}" if self._path else str(name)
        value = self._decisive.get(path, self)
        if value is not self and value is not SHOWN:
            return value
        return _Mark.of(path, self._decisive, self._paths, is_there=value is SHOWN)

    def __bool__(self) -> bool:
        """Raise ``TemplateSyntaxError`` unless the value is known to be there."""
        if not self._is_there:
            raise TemplateSyntaxError(
                f"A mould leaves {self._path} open, and a template decides by it."
            )
        return True


def moulded(key: Hashable, item: Moulded, render: Callable[[Any], str]) -> str:
    """Return the fragment that shows ``item``; ``render`` has the engine render it with an item.

    ``key`` is all that decides about the fragment beside the item. Raises what ``render`` raises,
    and ``TemplateSyntaxError`` for a template that decides by what the item does not name.
    """
    decisive = item.decisive
    full_key = (key, tuple(decisive.items()))
    mould = moulds.get(full_key)
    if mould is not None:
        return mould.filled(item)
    rendered, mould = render(item), _mould(decisive, render)
    if mould.filled(item) != rendered:
        raise TemplateSyntaxError(
            f"The fragment {key} looks otherwise than its mould: it decides by a value that"
            f" {type(item).__name__}.decisive does not name."
        )
    moulds.put(full_key, mould)
    return rendered


def _mould(decisive: Decisive, render: Callable[[Any], str]) -> Mould:
    paths: list[str] = []
    marked = render(_Mark.of("", decisive, paths))
    found = [paths[int(number)] for number in _MARKS.findall(marked)]
    text = _MARKS.sub("%s", marked.replace("%", "%%"))
    # With one name, ``attrgetter`` returns no tuple.
    if len(found) > 1:
        return Mould(text, attrgetter(*found))
    return Mould(text, lambda item: tuple([attrgetter(path)(item) for path in found]))
