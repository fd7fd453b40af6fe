"""The one place where passwords are checked: each check is a guess, and guesses are limited.

Every door asks here, so that none has guesses of its own: log-in of pages, API and admin
(``accounts.backends``), and what asks for the password again (a new password or e-mail address,
the deletion of the account).
"""

from __future__ import annotations

import unicodedata

from django.http import HttpRequest

from accounts.authentication import attempts
from accounts.models import User


def login_name(text: str) -> str:
    """Return the name or e-mail address that somebody has typed, in the form in which it is kept.

    Full-width letters become ordinary ones; white space and invisible characters go. People are
    found by this form and guesses counted by it, so that all spellings of a name share a limit.
    """
    known = unicodedata.normalize("NFKC", text).lower()
    return "".join(one for one in known if one.isprintable() and not one.isspace())


def check(password: str, *, user: User | None, name: str, request: HttpRequest | None) -> bool:
    """Return whether this is the password of ``user``, who was found as ``name``.

    Whether they may come in is for the caller to ask: who has the right password and is suspended
    has not guessed. Without a user it costs a hash too, so that the time does not tell which names
    exist. Without a request (a command) nothing is counted. Raises ``TooManyRequests`` before
    anything is compared. Three statements, four more for the first guess in a while.
    """
    if request is not None:
        attempts.take_guess(name, request)
    if user is None:
        User().set_password(password)
    right = user is not None and user.check_password(password)
    if request is not None:
        attempts.note_result(name, request, right=right)
    return right


def confirm(password: str, *, user: User, request: HttpRequest) -> bool:
    """Return whether this is the password of ``user``, who is logged in and asked for it again.

    Raises ``TooManyRequests``.
    """
    return check(password, user=user, name=user.username, request=request)
