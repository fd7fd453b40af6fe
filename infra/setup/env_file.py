"""Files of variables that systemd, a shell and ``manage.py`` read alike, changed line by line."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from infra.setup.errors import SetupError

_BARE = re.compile(r"[\w./:@%+,=-]*")
_LINE = re.compile(r"^([A-Z][A-Z0-9_]*)=")
_SECRET = re.compile(r"^([ +-]?[A-Z_]*(?:SECRET_KEY|ACCESS_KEY|PASSWORD)=).+$", re.MULTILINE)
_LOG_IN = re.compile(r"(?<=://)[^/@\s]*:[^@\s]*(?=@)")


def read(path: Path) -> dict[str, str]:
    """Return the variables in a file; none if there is no such file. Raises ``OSError``."""
    return parse(path.read_text()) if path.exists() else {}


def parse(text: str) -> dict[str, str]:
    """Return the variables in the text of a file."""
    values = dotenv_values(stream=io.StringIO(text), interpolate=False)
    return {name: value or "" for name, value in values.items()}


def merged(text: str, values: Mapping[str, str]) -> str:
    """Return the text with these values: lines of the same value, and of other names, stay.

    Raises ``SetupError`` for a value that the three readers would not read alike.
    """
    former = parse(text)
    missing = {name: value for name, value in values.items() if name not in former}
    lines = []
    for line in text.splitlines():
        found = _LINE.match(line)
        name = found[1] if found else ""
        changed = name in values and former.get(name) != values[name]
        lines.append(f"{name}={quoted(name, values[name])}" if changed else line)
    lines += [f"{name}={quoted(name, value)}" for name, value in missing.items()]
    return "\n".join(lines) + "\n"


def quoted(name: str, value: str) -> str:
    """Return a value as a file holds it.

    Raises ``SetupError`` for one of several lines, and for one that has both kinds of quotes.
    """
    if _BARE.fullmatch(value):
        return value
    if value.isprintable() and "\\" not in value:
        if "'" not in value:
            return f"'{value}'"
        if not re.search(r'["$`]', value):
            return f'"{value}"'
    raise SetupError(
        f"{name} must be one line without a backslash, and without both kinds of quotes."
    )


def without_secrets(text: str) -> str:
    """Return lines of variables as they may be shown: keys and passwords are replaced."""
    return _LOG_IN.sub("...", _SECRET.sub(r"\1...", text))
