"""Web apps of other sites that may use the API (CORS): those that the site's settings name.

The API is asked with a token that a script has to have, never with a cookie: no other site can act
for somebody who is logged in here, and credentials are not allowed. Requests of such scripts have
the header ``Origin`` and are always answered by Django, never before it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from corsheaders.middleware import CorsMiddleware
from django.http import HttpRequest

from accounts.doors.site import last_known

# The pictures of private accounts are fetched with the same token.
_PATHS = ("/api/", "/media/")


class ApiOrigins(CorsMiddleware):
    """django-cors-headers for the API, with the origins that the site's settings name."""

    def is_enabled(self, request: HttpRequest) -> bool:
        """Tell whether answers at this address depend on the origin. No query of its own."""
        return request.path_info.startswith(_PATHS) and bool(_origins(last_known().api_origins))

    def origin_found_in_white_lists(self, origin: str, url: Any) -> bool:
        """Tell whether scripts of ``origin`` may read answers."""
        allowed = _origins(last_known().api_origins)
        return "*" in allowed or origin.lower() in allowed


@lru_cache(maxsize=4)
def _origins(text: str) -> frozenset[str]:
    return frozenset(text.lower().split())
