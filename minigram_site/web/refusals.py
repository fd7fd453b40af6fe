"""The log of refused requests: one line each, as they are faults of clients and not of the code."""

from __future__ import annotations

import logging


class OneLineFilter(logging.Filter):
    """Takes the traceback from what Django logs of an answer below 500, such as a foreign Host."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Remove the traceback; every record passes."""
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        return True
