"""The template variable that every page's navigation needs of the social app."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.models import User


def waiting(request: HttpRequest) -> dict[str, Any]:
    """Return ``requests_wait``, a function: whether the list of those who ask to follow shows one.

    Called by a template, it costs one query, and only for private accounts.
    """

    def requests_wait() -> bool:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated or not user.is_private:
            return False
        return User.objects.asking(user).reachable_by(user).exists()

    return {"requests_wait": requests_wait}
