"""The pages on which somebody sees where they are logged in, and ends it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, asked_cursor, members
from accounts.logins import service
from minigram_site.web.throttling import limited


@members
@require_safe
def sessions(request: MemberRequest) -> HttpResponse:
    """List where the caller is logged in. One query."""
    page = service.open_page(request.user, asked_cursor(request))
    context = {"page": page, "current": service.current_of(request)}
    return render(request, "accounts/logins/sessions.html", context)


@members
@require_safe
def history(request: MemberRequest) -> HttpResponse:
    """List the log-ins of the caller. One query."""
    page = service.history_page(request.user, asked_cursor(request))
    context = {"page": page, "current": service.current_of(request)}
    return render(request, "accounts/logins/history.html", context)


@members
@require_POST
@limited("write")
def end(request: MemberRequest, log_in_id: int) -> HttpResponse:
    """End what began with a log-in. Raises ``Http404`` for somebody else's."""
    if not service.end(user=request.user, log_in_id=log_in_id):
        raise Http404
    messages.success(request, gettext("That device is logged out."))
    return redirect("accounts:sessions")


@members
@require_POST
@limited("write")
def end_others(request: MemberRequest) -> HttpResponse:
    """End all that the caller is logged in with, but for this browser."""
    ended = service.end_others(user=request.user, but=service.current_of(request))
    messages.success(
        request,
        ngettext(
            "%(number)s other device is logged out.",
            "%(number)s other devices are logged out.",
            ended,
        )
        % {"number": ended},
    )
    return redirect("accounts:sessions")
