"""What every page's navigation needs of the social app."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.models import FollowRequest


def waiting(request: HttpRequest) -> dict[str, Any]:
    """Offer ``requests_wait``: whether people ask to follow.

    One query, and only for private accounts, when a template asks.
    """

    def requests_wait() -> bool:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated or not user.is_private:
            return False
        return FollowRequest.objects.filter(target=user).exists()

    return {"requests_wait": requests_wait}
