"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the site's name and address, and whether people may sign up."""
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "registration_open": settings.REGISTRATION_OPEN,
    }
