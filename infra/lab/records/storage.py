"""Write records to files and read them back; what is not a record is refused with the reason."""

from __future__ import annotations

import dataclasses
import json
import platform
import re
from pathlib import Path
from typing import Any

from infra.lab.records import SCHEMA, Record
from infra.lab.records.decoding import DoesNotFit, decode
from infra.project import PROJECT

LARGEST_BYTES = 50_000
RECORDS = PROJECT / "docs/performance/records"
_PLACES = re.compile(r"(?<![\w/.])/(?:home|root|tmp|work|var|usr|opt|etc|srv|mnt|Users)(?:/|\b)")
_STARTED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00|Z)")


class RecordInvalid(ValueError):
    """A file is not a record of this schema; the message says what to do."""


def dump(record: Record) -> str:
    """Return the record as JSON; raises ``RecordInvalid`` if it could not be read back."""
    text = json.dumps(dataclasses.asdict(record), indent=1, ensure_ascii=False) + "\n"
    parse(text, record.name)
    return text


def store(record: Record, folder: Path = RECORDS) -> Path:
    """Write the record into ``folder`` under its name and return the path.

    Raises ``RecordInvalid`` for what must not be published: paths, the name of this machine, more
    than 50 kB.
    """
    text = dump(record)
    if len(text.encode()) > LARGEST_BYTES:
        raise RecordInvalid(f"{record.name} is larger than {LARGEST_BYTES:,} bytes: keep less.")
    node = platform.node()
    if _PLACES.search(text) or (len(node) > 3 and re.search(rf"\b{re.escape(node)}\b", text)):
        raise RecordInvalid(f"{record.name} holds a path or the name of a machine.")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{record.name}.json"
    path.write_text(text, encoding="utf-8")
    return path


def load(path: Path) -> Record:
    """Return the record in a file.

    Raises ``RecordInvalid`` with the file, the field and what was expected.
    """
    try:
        return parse(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise RecordInvalid(f"{path.name} cannot be read: {error}") from error


def load_all(folder: Path = RECORDS) -> list[Record]:
    """Return every record of ``folder``, by stage and time; none if there is no such folder.

    Raises ``RecordInvalid`` for a file that is no record.
    """
    return in_order([load(path) for path in folder.glob("*.json")])


def in_order(records: list[Record]) -> list[Record]:
    """Return the records by stage and time."""
    return sorted(records, key=lambda record: (record.stage, record.started, record.name))


def parse(text: str, name: str) -> Record:
    """Return the record in ``text``.

    Raises ``RecordInvalid`` for anything else, with a message that begins with ``name``.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise RecordInvalid(f"{name} is not JSON: {error}") from error
    _check_schema(value, name)
    try:
        record: Record = decode(Record, value)
    except DoesNotFit as error:
        raise RecordInvalid(f"{name}: {error}") from error
    _check_sense(record, name)
    return record


def _check_schema(value: Any, name: str) -> None:
    if not isinstance(value, dict) or not isinstance(value.get("schema"), int):
        raise RecordInvalid(f"{name} is not a record of the lab: it names no schema.")
    if value["schema"] < SCHEMA:
        raise RecordInvalid(
            f"{name} has schema {value['schema']}, this checkout reads {SCHEMA}: collect it anew."
        )
    if value["schema"] > SCHEMA:
        raise RecordInvalid(
            f"{name} has schema {value['schema']}, this checkout reads {SCHEMA}: update it."
        )


def _check_sense(record: Record, name: str) -> None:
    """Raise ``RecordInvalid`` for what no run can have measured."""
    if not _STARTED.fullmatch(record.started):
        raise RecordInvalid(f"{name}: started should be ISO 8601 in UTC, not {record.started!r}.")
    for label, one in {"totals": record.totals, **record.operations}.items():
        order = (one.p50, one.p75, one.p90, one.p95, one.p99, one.p999, one.max)
        if list(order) != sorted(order):
            raise RecordInvalid(f"{name}: the percentiles of {label} do not ascend.")
        if one.failed > one.requests:
            raise RecordInvalid(f"{name}: {label} has more failures than requests.")
