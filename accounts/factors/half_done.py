"""A log-in that is half done: the password was right, and the second factor is still to come.

The browser's session remembers whose it is and is otherwise that of a visitor: no page, no call and
no admin takes it for a log-in.
"""

from __future__ import annotations

import time
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.factors import service
from accounts.logins.service import How, enter, has_stepped_up
from accounts.models import User
from minigram_site.db import on_primary

VALID_SECONDS = 600
_KEY = "half_done"


def go_on(request: HttpRequest, user: User, address: str) -> HttpResponse:
    """Log in whose password was right, or ask for the second factor; both lead to ``address``.

    Whoever has none and must have one is led to where it is set up. Up to two queries, and those
    of ``accounts.logins.service.enter``.
    """
    if service.is_on(user):
        request.session.cycle_key()
        request.session[_KEY] = [user.pk, user.get_session_auth_hash(), int(time.time())]
        return redirect(step_address(address))
    response = redirect("accounts:factors" if service.is_required(user) else address)
    enter(request, response, user, how=How.PASSWORD)
    return response


def step_address(address: str) -> str:
    """Return the address of the page that asks for the second factor and leads to ``address``."""
    return reverse("accounts:second-step") + "?" + urlencode({"next": address})


def person_at(request: HttpRequest) -> User | None:
    """Return who has to prove a second factor in this browser, or ``None``. Up to three queries.

    Whose password was right lately, or who is logged in and has not proved it in this session.
    """
    if isinstance(request.user, User) and request.user.is_authenticated:
        needs = not has_stepped_up(request) and service.is_on(request.user)
        return request.user if needs else None
    user_id, session_hash, at = request.session.get(_KEY) or (0, "", 0)
    if not user_id or time.time() - at > VALID_SECONDS:
        return None
    with on_primary():
        user = User.objects.admitted().filter(pk=user_id).first()
    if user is None or not user.has_session_hash(session_hash):
        return None
    return user


def forget(request: HttpRequest) -> None:
    """Forget who was asked for a second factor. No query."""
    request.session.pop(_KEY, None)
