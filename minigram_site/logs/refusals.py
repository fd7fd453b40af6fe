"""The log of refused requests: one line each, as they are faults of clients and not of the code."""

from __future__ import annotations

import logging
from typing import Any

from minigram_site.logs.paths import without_secrets


class OneLineFilter(logging.Filter):
    """Takes the traceback from what Django logs of an answer below 500, such as a foreign Host.

    Also what is secret from the paths in it.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Remove the traceback, and secrets; every record passes."""
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        if hasattr(record, "request") and isinstance(record.args, tuple):
            record.args = tuple(map(_without_secrets, record.args))
        return True


def _without_secrets(part: Any) -> Any:
    return without_secrets(part) if isinstance(part, str) else part
