"""What stands before all views: a site for members only, and names that people had before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import IsAuthenticated

from accounts.access import log_in_first
from accounts.api.authentication import TokenAuthentication
from accounts.doors.names import person_formerly
from accounts.doors.site import site_settings
from minigram_site.web import outages
from minigram_site.web.errors import respond
from minigram_site.web.read_your_writes import FailedReads

# All that visitors may ask of a site for members only: what it takes to come in, what has nobody's
# content, and what is for machines beside the site. Every other address, those that are still to be
# made included, is for members.
OPEN_TO_VISITORS = frozenset(
    {
        "accounts:confirm-email",
        "accounts:door",
        "accounts:door-correct",
        "accounts:invited",
        "accounts:language",
        "accounts:login",
        "accounts:logout",
        "accounts:passkey-log-in",
        "accounts:passkey-question",
        "accounts:provider-answer",
        "accounts:provider-app",
        "accounts:provider-new",
        "accounts:provider-start",
        "accounts:reset",
        "accounts:reset-confirm",
        "accounts:reset-done",
        "accounts:reset-sent",
        "accounts:second-step",
        "accounts:signup",
        "accounts:site-page",
        "admin:login",
        "api-confirm-email",
        "api-instance",
        "api-logout",
        "api-refresh",
        "api-passkey-log-in",
        "api-passkey-question",
        "api-provider",
        "api-register",
        "api-reset",
        "api-reset-confirm",
        "api-site-page",
        "api-token",
        "api-unconfirmed",
        "healthz",
        "metrics",
        "readyz",
        # What is decided about people who cannot log in, for the one with the link.
        "social:appeal",
        # Without photos.
        "social:landing",
        "social:manifest",
        "social:offline",
        "social:robots",
        "social:service-worker",
        "social:theme",
        "words",
    }
)
_PICTURES = {"photos:avatar-file", "photos:photo-file"}
View = Callable[..., Any]


class MembersOnly:
    """Refuses visitors of a site for members only, whatever they ask for.

    What is answered before Django needs none of this: those are answers to tokens of members
    (``social.feed.fast_path`` and its like), and public pictures, whose links are gone
    (``minigram_site.storage.public_links``).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response
        self._failed_reads = FailedReads(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the next handler's response as it is."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Return the refusal, or ``None`` for what may be answered. No query in an open site.

        Raises ``Http404`` for pictures.
        """
        name = request.resolver_match.view_name if request.resolver_match else ""
        if _asks_itself(view) or name in OPEN_TO_VISITORS:
            return None
        try:
            if not site_settings().members_only or _is_member(request):
                return None
        except (DatabaseError, InterfaceError) as error:
            # As a view's own error is answered, which comes after this.
            repeated = self._failed_reads.process_exception(request, error)
            if answer := repeated or outages.answer_to(request, error):
                return answer
            raise
        return _refusal(request, name)


def former_names(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Redirect from the addresses below a name that somebody had lately to those they have now.

    Pages and API alike, with status 307, so that a client repeats what it sent. Costs one query
    where there is nobody of that name, or nobody whom the caller may know of.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != 404 or request.resolver_match is None:
            return response
        match = request.resolver_match
        if "username" not in match.kwargs:
            return response
        person = person_formerly(match.kwargs["username"], request.user)
        if person is None:
            return response
        path = reverse(match.view_name, kwargs={**match.kwargs, "username": person.username})
        query = request.META.get("QUERY_STRING", "")
        moved = HttpResponseRedirect(f"{path}?{query}" if query else path)
        moved.status_code = 307
        moved.headers["Cache-Control"] = "private, no-cache"
        return moved

    return middleware


def _asks_itself(view: View) -> bool:
    """Return whether a view lets no visitor in, by its own declaration."""
    permissions = getattr(getattr(view, "cls", None), "permission_classes", ())
    return getattr(view, "access", "") == "members" or IsAuthenticated in permissions


def _is_member(request: HttpRequest) -> bool:
    """Return whether a member asks, by token or by session. One query, none if it is cached."""
    if "Authorization" in request.headers:
        try:
            found = TokenAuthentication().authenticate(request)  # type: ignore[arg-type]
        except AuthenticationFailed:
            return False
        if found is not None:
            return True
    return request.user.is_authenticated and not request.path.startswith("/api/v1/")


def _refusal(request: HttpRequest, name: str) -> HttpResponse:
    if name in _PICTURES:
        raise Http404
    if request.path.startswith("/api/"):
        response = respond(request, 401, "not_authenticated", "This site is for members: log in.")
        response.headers["WWW-Authenticate"] = 'Bearer realm="api"'
        return response
    return log_in_first(request)
