"""The log of refused requests: one line each, as they are faults of clients and not of the code."""

from __future__ import annotations

import logging
import re
from typing import Any

# The token of a share link, with which anybody sees what it leads to.
_SHARE_TOKEN = re.compile(r"^(/s/|/api/v1/shared/)[^/]+.*", re.DOTALL)


class OneLineFilter(logging.Filter):
    """Takes the traceback from what Django logs of an answer below 500, such as a foreign Host.

    Also the tokens from paths that are keys.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Remove the traceback, and tokens; every record passes."""
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        if hasattr(record, "request") and isinstance(record.args, tuple):
            record.args = tuple(map(_without_token, record.args))
        return True


def _without_token(part: Any) -> Any:
    return _SHARE_TOKEN.sub(r"\1...", part) if isinstance(part, str) else part
