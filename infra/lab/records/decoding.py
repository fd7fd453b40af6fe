"""Turn JSON into frozen dataclasses, and refuse what does not fit with the place and the reason."""

from __future__ import annotations

import dataclasses
import math
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


class DoesNotFit(ValueError):
    """A value is not of the declared type; the message names where and what was expected."""


def decode(kind: Any, value: Any, where: str = "") -> Any:
    """Return ``value`` as ``kind``: a dataclass, a dict, a tuple, a choice or a plain value.

    ``where`` names the value in messages. Costs one walk over the value. Raises ``DoesNotFit`` for
    a value of another type, and for numbers that JSON cannot hold (NaN, infinity).
    """
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind, value, where)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is dict:
        _expect(isinstance(value, dict), where, "an object", value)
        return {key: decode(arguments[1], one, f"{where}.{key}") for key, one in value.items()}
    if origin is tuple:
        _expect(isinstance(value, list), where, "a list", value)
        return tuple(decode(arguments[0], one, f"{where}[{i}]") for i, one in enumerate(value))
    if origin is Literal:
        _expect(value in arguments, where, f"one of {', '.join(map(str, arguments))}", value)
        return value
    if origin in {Union, UnionType}:
        return _optional(arguments, value, where)
    return _plain(kind, value, where)


def _dataclass(kind: Any, value: Any, where: str) -> Any:
    _expect(isinstance(value, dict), where, "an object", value)
    fields = {one.name: one for one in dataclasses.fields(kind)}
    unknown = sorted(set(value) - set(fields))
    if unknown:
        raise DoesNotFit(f"{_named(where)} has fields that are not known: {', '.join(unknown)}.")
    missing = sorted(name for name, one in fields.items() if name not in value and _required(one))
    if missing:
        raise DoesNotFit(f"{_named(where)} lacks {', '.join(missing)}.")
    types = get_type_hints(kind)
    below = f"{where}." if where else ""
    return kind(**{name: decode(types[name], one, below + name) for name, one in value.items()})


def _required(field: dataclasses.Field[Any]) -> bool:
    missing = dataclasses.MISSING
    return field.default is missing and field.default_factory is missing


def _optional(kinds: tuple[Any, ...], value: Any, where: str) -> Any:
    """Return a value that may be absent: ``X | None`` is the only union that records use."""
    if value is None:
        return None
    (kind,) = (one for one in kinds if one is not NoneType)
    return decode(kind, value, where)


def _plain(kind: Any, value: Any, where: str) -> Any:
    if kind is float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        _expect(number and math.isfinite(value), where, "a number", value)
        return float(value)
    if kind is int:
        _expect(isinstance(value, int) and not isinstance(value, bool), where, "an integer", value)
    else:
        words = {str: "a text", bool: "true or false"}
        _expect(isinstance(value, kind), where, words[kind], value)
    return value


def _expect(fits: bool, where: str, expected: str, value: Any) -> None:  # noqa: FBT001 - private
    if not fits:
        raise DoesNotFit(f"{_named(where)} should be {expected}, not {str(value)[:60]!r}.")


def _named(where: str) -> str:
    return where or "The record"
