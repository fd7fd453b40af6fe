"""The site on one device: its theme, and the files with which it is installed."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.access import public
from minigram_site.web.context_processors import THEMES

_KEPT = timedelta(days=365)


@public
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep in a cookie whether this device shows the site light, dark, or as it is set itself.

    Without JavaScript: the script of the page writes the cookie itself (``js/theme.js``).
    """
    back = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = redirect(back if safe else "social:landing")
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            "theme",
            chosen,
            max_age=_KEPT,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@public
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Show the page for a lost connection, which the service worker caches."""
    return render(request, "social/offline.html")


@public
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Send the web app manifest, with which phones install the site."""
    content_type = "application/manifest+json"
    return render(request, "social/manifest.webmanifest", content_type=content_type)


@public
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """Send the service worker, from the root, so that its scope is the whole site."""
    response = render(request, "social/service_worker.js", content_type="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response
