"""The template variable that every page's navigation needs of the social app."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from accounts.doors.site import last_known, takes_sign_ups
from social.notifications import inbox


class Navigation(NamedTuple):
    """All that the main navigation shows: equal for all pages that it has no link to.

    ``username`` is empty for visitors, who alone are asked to sign up. ``here`` is the path of the
    page if a link leads to it.
    """

    username: str
    # How many notifications are unread, ``MOST + 1`` for more.
    unread: int
    registration_open: bool
    # Whether visitors may look around.
    open_to_visitors: bool
    here: str

    @property
    def badge(self) -> str:
        """The number of unread notifications as a badge has it; empty for none."""
        if not self.unread:
            return ""
        return str(self.unread) if self.unread <= inbox.MOST else f"{inbox.MOST}+"


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return ``nav``, a function: the ``Navigation`` of this page.

    Called by a template, it costs one query for members, and none for others.
    """

    def nav() -> Navigation:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return Navigation(
                "",
                unread=0,
                registration_open=takes_sign_ups(),
                open_to_visitors=not last_known().members_only,
                here="",
            )
        own = f"/@{user.username}/"
        return Navigation(
            user.username,
            unread=inbox.unread(user.pk),
            registration_open=False,
            open_to_visitors=True,
            here=request.path if request.path == own or request.path in _linked() else "",
        )

    return {"nav": nav}


@cache
def _linked() -> frozenset[str]:
    names = ("feed", "explore", "search", "upload", "activity")
    return frozenset(reverse(f"social:{name}") for name in names)
