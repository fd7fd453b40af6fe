"""The variables that every template has."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

# What people may choose instead of how their device is set.
THEMES = ("light", "dark")


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the site's name and address, and ``theme``: light, dark, or nothing for the device's.

    The theme stands in a cookie that scripts set (``js/theme.js``), so that a page comes as chosen.
    """
    theme = request.COOKIES.get("theme", "")
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "theme": theme if theme in THEMES else "",
    }
