"""A log-in that is half done: the password or a provider knows who, a second factor is to come.

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
from accounts.logins import ways
from accounts.logins.service import How, enter, has_stepped_up
from accounts.models import User
from minigram_site.db import on_primary

VALID_SECONDS = 600
_KEY = "half_done"


def go_on(
    request: HttpRequest, user: User, address: str, *, how: How = How.PASSWORD, factor: str = ""
) -> HttpResponse:
    """Log in whose password was right, or ask for the second factor; both lead to ``address``.

    ``how`` is what they have proved instead of the password, ``factor`` what of it counts as the
    second factor. Whoever has none and must have one is led to where it is set up. Raises
    ``accounts.logins.ways.ClosedWay``. Up to two queries, and those of
    ``accounts.logins.service.enter``.
    """
    ways.require_open(user, how)
    if not factor and service.is_on(user):
        request.session.cycle_key()
        request.session[_KEY] = [user.pk, user.get_session_auth_hash(), int(time.time()), how]
        return redirect(step_address(address))
    lacks_factor = service.is_required(user) and not factor
    response = redirect("accounts:factors" if lacks_factor else address)
    enter(request, response, user, how=how, factor=factor)
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
    user_id, session_hash, at, *_how = request.session.get(_KEY) or (0, "", 0)
    if not user_id or time.time() - at > VALID_SECONDS:
        return None
    with on_primary():
        user = User.objects.admitted().filter(pk=user_id).first()
    if user is None or not user.has_session_hash(session_hash):
        return None
    return user


def how_of(request: HttpRequest) -> How:
    """Return what whoever is half in has proved: the password, or whom a provider knows. No query.

    The password also for a log-in that began before this was remembered.
    """
    _user_id, _hash, _at, *how = request.session.get(_KEY) or (0, "", 0)
    return How(how[0]) if how else How.PASSWORD


def forget(request: HttpRequest) -> None:
    """Forget who was asked for a second factor. No query."""
    request.session.pop(_KEY, None)
