"""Every page declares who may open it, ``@public`` or ``@members``; a test checks that it does."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User
from minigram_site.web.errors import logged_out, typed_fields
from minigram_site.web.pagination import Cursor, InvalidCursor, parse_cursor

Page = TypeVar("Page", bound=Callable[..., HttpResponseBase])


class MemberRequest(HttpRequest):
    """A request whose ``user`` is logged in."""

    user: User


def public(view: Page) -> Page:
    """Return ``view``, declared open to everyone; what it shows of it the view decides."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def members(view: Page) -> Page:
    """Return ``view``, guarded: visitors are redirected to the log-in page, then back.

    A visitor who pressed a button (POST) comes back to the page that holds it, not to the
    address of the button. Who typed something, and scripts, which would take the log-in page for
    the answer, get 403 and a page with which nothing is lost.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        return log_in_first(request)

    guarded.access = "members"  # type: ignore[attr-defined]
    return cast(Page, guarded)


def log_in_first(request: HttpRequest) -> HttpResponse:
    """Return what a visitor is answered by a page of members: see ``members``."""
    by_script = _is_by_script(request)
    reads = request.method in {"GET", "HEAD"} and not by_script
    response = redirect_to_login(request.get_full_path() if reads else came_from(request))
    if by_script or any(name != "next" and text for name, text in typed_fields(request)):
        return logged_out(request, response.url)
    return response


def _is_by_script(request: HttpRequest) -> bool:
    """Return whether htmx or another script of a page has sent this, as both say."""
    return "HX-Request" in request.headers or "X-Requested-With" in request.headers


def came_from(request: HttpRequest) -> str:
    """Return the path of the page that sent this request; ``/`` if it is not of this site."""
    try:
        page = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        # No address at all.
        return "/"
    return page.path if page.netloc == request.get_host() else "/"


def next_address(request: HttpRequest, default: str) -> str:
    """Return the ``next`` of a form or address if it stays on this site, else ``default``."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else default


def asked_cursor(request: HttpRequest, keys: int = 1) -> Cursor | None:
    """Return the cursor of ``keys`` numbers in ``?cursor=``; ``None`` without one.

    Raises ``BadRequest`` (the 400 page) for a cursor that this site has not given out.
    """
    try:
        return parse_cursor(request.GET.get("cursor"), keys=keys)
    except InvalidCursor as error:
        raise BadRequest(str(error)) from None
