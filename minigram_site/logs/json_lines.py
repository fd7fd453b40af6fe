"""Lines of the log as objects of JSON, for programs that collect logs."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.json import JsonFormatter


class JsonLines(JsonFormatter):
    """Writes a record as one line: time (UTC), level, logger, id of the request, message.

    With an exception also its traceback, as one text. Whatever else a record carries is left out:
    Django attaches the request, whose address holds what people search for.
    """

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """Fill ``log_data`` with the fields of a line."""
        moment = datetime.fromtimestamp(record.created, UTC)
        log_data.update(
            time=moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            level=record.levelname,
            logger=record.name,
            id=getattr(record, "request_id", "-"),
            message=record.getMessage(),
        )
        if trace := message_dict.get("exc_info"):
            log_data["exception"] = trace
