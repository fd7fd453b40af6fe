"""Who stands at the door of this browser: somebody who is not in yet, by their session.

It is no log-in: it shows where they stand, and lets them correct their address.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.authentication.suspensions import suspension_of
from accounts.doors.admissions import admission_of
from accounts.models import Admission, User

_KEY = "door"


def remember(request: HttpRequest, user: User) -> None:
    """Remember somebody who has signed up just now, or has typed the right password."""
    request.session[_KEY] = [user.pk, user.get_session_auth_hash()]


def forget(request: HttpRequest) -> None:
    """Forget who stands at the door: they are in."""
    request.session.pop(_KEY, None)


def shut_out(request: HttpRequest) -> User | None:
    """Return whose right password this request has brought, if they are not in. One query."""
    user = getattr(request, "shut_out", None)
    return user if isinstance(user, User) and admission_of(user) else None


def refusal_of(request: HttpRequest) -> HttpResponse | None:
    """Return what somebody is answered who has proved who they are and is not active.

    Who is not in yet is led to the door, and who is suspended told why. ``None`` for all others.
    Up to two queries.
    """
    if waiting := shut_out(request):
        remember(request, waiting)
        return redirect("accounts:door")
    suspension = suspension_of(request)
    if suspension is None:
        return None
    context = {"suspension": suspension}
    response = render(request, "accounts/suspended.html", context, status=403)
    # It leads to a decision without a log-in: nobody keeps the page.
    response.headers["Cache-Control"] = "no-store"
    return response


def person_at(request: HttpRequest) -> User | None:
    """Return whom this browser remembers, whether they are in by now or not. One query."""
    user_id, session_hash = request.session.get(_KEY) or (0, "")
    user = User.objects.filter(pk=user_id).first() if user_id else None
    if user is None or not user.has_session_hash(session_hash):
        return None
    return user


def admission_at(request: HttpRequest) -> Admission | None:
    """Return the admission of whom this browser remembers, unless they are in. Two queries."""
    user = person_at(request)
    return admission_of(user) if user else None
