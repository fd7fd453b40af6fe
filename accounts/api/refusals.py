"""What the API answers somebody who has proved who they are and may not come in."""

from __future__ import annotations

from rest_framework.request import Request

from accounts.authentication.suspensions import Suspension, suspension_of
from minigram_site.api.errors import Problem
from minigram_site.api.rendering import time_json


def refuse_suspended(request: Request) -> None:
    """Raise ``Problem`` 403 if whoever has proved who they are is suspended: why, until when."""
    if suspension := suspension_of(request):
        raise _refusal(suspension)


def _refusal(suspension: Suspension) -> Problem:
    known = {
        "reason": suspension.reason,
        "ends_at": suspension.ends_at and time_json(suspension.ends_at),
        "appeal_url": suspension.address,
    }
    errors = {name: [{"code": "suspended", "detail": text}] for name, text in known.items() if text}
    return Problem(403, "suspended", suspension.sentence, errors or None)
