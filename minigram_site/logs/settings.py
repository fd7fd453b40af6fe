"""What is logged, how a line looks and who else is told: Django's setting ``LOGGING``."""

from __future__ import annotations

import os
from typing import Any


def log_settings(level: str) -> dict[str, Any]:
    """Return the setting for lines of ``level`` and above, on the standard error.

    ``level`` is a level's name, and with ",json" behind it each line is an object of JSON. Where
    ``SENTRY_DSN`` is set, errors are reported there as well.
    """
    level, _, form = level.partition(",")
    handlers = ["stderr", *(["reports"] if os.environ.get("SENTRY_DSN") else [])]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "format": "{asctime} {levelname} {name} {request_id}: {message}",
                "style": "{",
            },
            "json": {"()": "minigram_site.logs.json_lines.JsonLines"},
        },
        "filters": {
            "request_id": {"()": "minigram_site.logs.request_ids.RequestIdFilter"},
            "refusals": {"()": "minigram_site.logs.refusals.OneLineFilter"},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": form or "line",
                "filters": ["request_id", "refusals"],
            },
            **({"reports": _REPORTS} if "reports" in handlers else {}),
        },
        "root": {"handlers": handlers, "level": level},
        "loggers": {
            "django": {"handlers": handlers, "level": level, "propagate": False},
            "django.server": {"propagate": True},
            # The worker logs every poll that found no task.
            "django_tasks_db": {"level": "WARNING"},
            # Every passkey that is added or used, by its id.
            "fido2": {"level": "WARNING"},
            # psycopg's pool logs every attempt to connect; ours (minigram_site.db.postgresql.pool)
            # logs when the server is lost and when it is back.
            "psycopg": {"level": "ERROR"},
        },
    }


_REPORTS = {
    "class": "minigram_site.logs.reports.ErrorReports",
    "level": "ERROR",
    "filters": ["request_id", "refusals"],
}
