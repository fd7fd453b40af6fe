"""System checks of ``manage.py check`` for the environment, and for the servers beside the site."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Caution

from infra.ops.connection_budget import find_excess
from infra.ops.site_variables import unread

# Backends of mail that send none to anybody.
SENDS_NONE = ("console", "dummy", "filebased", "locmem")


def check_variables(**_: Any) -> list[CheckMessage]:
    """Return ``infra.W001`` for each variable that looks like the site's and is not read."""
    return [
        Caution(
            f"The environment variable {name} is set, and nothing reads it.",
            hint=f"{meant} may be meant." if meant else "infra/example.env lists what is read.",
            id="infra.W001",
        )
        for name, meant in unread(os.environ).items()
    ]


def check_mail(**_: Any) -> list[CheckMessage]:
    """Return ``infra.W002`` if mails reach nobody: their links would be in the log alone."""
    if not sends_none():
        return []
    return [
        Caution(
            "Mails are sent to nobody: who forgets a password is told that a link is on its way, "
            "and the link goes to the log.",
            hint="Set EMAIL_URL=submission://name:password@host:587 to the mail server's.",
            id="infra.W002",
        )
    ]


def sends_none() -> bool:
    """Tell whether mails go to the log, a file or nowhere instead of a mail server."""
    return any(name in settings.EMAIL_BACKEND for name in SENDS_NONE)


def check_connection_budget(**_: Any) -> list[CheckMessage]:
    """Return ``infra.E001`` if gunicorn's processes may need more connections than there are.

    Costs one connection to each PostgreSQL server.
    """
    excess = find_excess(instances=_number("INSTANCES"), processes=_number("WEB_CONCURRENCY"))
    return [Error(excess, id="infra.E001")] if excess else []


def _number(name: str) -> int:
    """Return an environment variable as a number; 1 if it is none, which gunicorn refuses."""
    text = os.environ.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else 1
