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

    ``username`` is empty for visitors, who alone are asked to sign up. ``here`` is the path of
    the link that leads to the page, if there is one.
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
            here=own if request.path == own else _linked().get(request.path, ""),
        )

    return {"nav": nav}


@cache
def _linked() -> dict[str, str]:
    """Return the paths to which the navigation has a link, with that link: explore is search."""
    found = {path: path for path in map(reverse, (f"social:{name}" for name in _NAMES))}
    return {**found, reverse("social:explore"): reverse("social:search")}


_NAMES = ("feed", "search", "upload", "activity")
