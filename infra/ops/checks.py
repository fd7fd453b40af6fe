"""System checks of ``manage.py check --deploy`` for the servers beside the site."""

from __future__ import annotations

import os
from typing import Any

from django.core.checks import Error

from infra.ops.connection_budget import find_excess


def check_connection_budget(**_: Any) -> list[Error]:
    """Return ``infra.E001`` if gunicorn's processes may need more connections than there are.

    Costs one connection to each PostgreSQL server.
    """
    excess = find_excess(instances=_number("INSTANCES"), processes=_number("WEB_CONCURRENCY"))
    return [Error(excess, id="infra.E001")] if excess else []


def _number(name: str) -> int:
    """Return an environment variable as a number; 1 if it is none, which gunicorn refuses."""
    text = os.environ.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else 1
