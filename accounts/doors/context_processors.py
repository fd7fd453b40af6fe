"""The template variables that every page has of the doors."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.doors import site, site_pages


def doors(request: HttpRequest) -> dict[str, Any]:
    """Return two functions, which cost nothing in a template that does not call them.

    ``registration_open``: whether visitors may sign up without an invitation; ``site_pages``: the
    links to what administrators have written. No query of their own.
    """
    return {"registration_open": site.takes_sign_ups, "site_pages": site_pages.written}
