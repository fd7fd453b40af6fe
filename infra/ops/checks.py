"""What ``manage.py check --deploy`` says of the servers beside the site."""

from __future__ import annotations

import os
from typing import Any

from django.core.checks import Error

from infra.ops.connection_budget import fault


def check_connections(**_: Any) -> list[Error]:
    """Compare the connections that gunicorn's processes may take with what the servers give."""
    instances, processes = _number("INSTANCES"), _number("WEB_CONCURRENCY")
    found = fault(instances=instances, processes=processes)
    return [Error(found, id="infra.E001")] if found else []


def _number(name: str) -> int:
    """Return a number that is gunicorn's to check (``infra/gunicorn.conf.py``)."""
    text = os.environ.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else 1
