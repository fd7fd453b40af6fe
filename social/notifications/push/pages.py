"""The switch of pushes in the settings of a browser."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MemberRequest, members
from minigram_site.web.throttling import limited
from social.notifications.push import devices, keys
from social.notifications.push.sending import Target


def switch_of(request: MemberRequest) -> dict[str, Any]:
    """Return what the settings show: the site's key, and whether this browser is told. One query.

    Nothing where the site sends no pushes.
    """
    if not keys.is_available():
        return {}
    login = devices.page_login(request.session.session_key or "")
    return {"push_key": keys.public_key(), "push_is_on": devices.is_on(login)}


@members
@require_POST
@limited("write")
def turn_on(request: MemberRequest) -> HttpResponse:
    """Tell this browser, which describes itself; 422 with a sentence for what is none.

    Raises ``Http404`` where the site sends no pushes.
    """
    if not keys.is_available():
        raise Http404
    target = Target(*(request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")))
    login = devices.page_login(request.session.session_key or "")
    try:
        devices.turn_on(user=request.user, login=login, target=target)
    except ValidationError as error:
        return HttpResponse(error.messages[0], "text/plain; charset=utf-8", 422)
    return HttpResponse(status=204)


@members
@require_POST
@limited("write")
def turn_off(request: MemberRequest) -> HttpResponse:
    """Tell this browser nothing more."""
    devices.turn_off(login=devices.page_login(request.session.session_key or ""))
    messages.success(request, _("This device no longer gets notifications."))
    return redirect("social:notification-settings")
