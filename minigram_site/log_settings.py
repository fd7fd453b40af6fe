"""What is logged, and how a line looks: Django's setting ``LOGGING``."""

from __future__ import annotations

from typing import Any


def log_settings(level: str) -> dict[str, Any]:
    """Return the setting for lines of ``level`` and above, on the standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "format": "{asctime} {levelname} {name} {request_id}: {message}",
                "style": "{",
            },
        },
        "filters": {
            "request_id": {"()": "minigram_site.web.request_ids.RequestIdFilter"},
            "refusals": {"()": "minigram_site.web.refusals.OneLineFilter"},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["request_id", "refusals"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": ["stderr"], "level": level, "propagate": False},
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
