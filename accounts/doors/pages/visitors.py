"""Who stands at the door of this browser: somebody who is not in yet, by their session.

It is no log-in: it shows where they stand, and lets them correct their address.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

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


def person_at(request: HttpRequest) -> User | None:
    """Return whom this browser remembers, whether they are in by now or not. One query."""
    user_id, session_hash = request.session.get(_KEY) or (0, "")
    user = User.objects.filter(pk=user_id).first() if user_id else None
    if user is None or not constant_time_compare(user.get_session_auth_hash(), session_hash):
        return None
    return user


def admission_at(request: HttpRequest) -> Admission | None:
    """Return the admission of whom this browser remembers, unless they are in. Two queries."""
    user = person_at(request)
    return admission_of(user) if user else None
