"""The template variable that every page's navigation needs of the social app."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from accounts.doors.site import takes_sign_ups
from accounts.models import User


class Navigation(NamedTuple):
    """All that the main navigation shows: equal for all pages that it has no link to.

    ``username`` is empty for visitors, who alone are asked to sign up. ``here`` is the path of the
    page if a link leads to it.
    """

    username: str
    is_private: bool
    requests_wait: bool
    registration_open: bool
    here: str


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return ``nav``, a function: the ``Navigation`` of this page.

    Called by a template, it costs one query for private accounts, and none for others.
    """

    def nav() -> Navigation:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            is_open = takes_sign_ups()
            return Navigation(
                "", is_private=False, requests_wait=False, registration_open=is_open, here=""
            )
        own = f"/@{user.username}/"
        return Navigation(
            user.username,
            is_private=user.is_private,
            requests_wait=user.is_private and _requests_wait(user),
            registration_open=False,
            here=request.path if request.path == own or request.path in _linked() else "",
        )

    return {"nav": nav}


def _requests_wait(user: User) -> bool:
    """Return whether the list of those who ask to follow shows one. One query."""
    return User.objects.asking(user).reachable_by(user).exists()


@cache
def _linked() -> frozenset[str]:
    names = ("social:feed", "social:explore", "social:upload", "social:requests")
    return frozenset(map(reverse, names))
