"""How people prove who they are: name or e-mail, and password."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest

from accounts.account_cache import account_with_session_hash, invalidate_account
from accounts.authentication import passwords, suspensions
from accounts.models import User


class NameOrEmailBackend(ModelBackend):
    """Django's backend, which also takes the e-mail address where a name is asked."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Return the person with these credentials who may come in, or ``None``.

        Of somebody who has the right password and may not, ``request.shut_out`` tells. Raises
        ``TooManyRequests`` where too many were tried. One query, and those that
        ``accounts.authentication.passwords`` needs to count.
        """
        if username is None or password is None:
            return None
        known = passwords.login_name(username)
        # Names hold no "@", so at most one of the two can match.
        user = User.objects.filter(Q(username=known) | Q(email=known)).first()
        before = user.password if user else ""
        right = passwords.check(password, user=user, name=known, request=request)
        if user is None or not right:
            return None
        if not suspensions.lets_in(user):
            if request is not None:
                request.shut_out = user  # type: ignore[attr-defined]
            return None
        if user.password != before:
            # Django has renewed a hash of older parameters, and sessions carry its signature.
            with transaction.atomic():
                invalidate_account(user.pk)
        return user

    def get_user(self, user_id: int) -> User | None:
        """Return the active person of a session, or ``None``. One query, none if it is cached."""
        return account_with_session_hash(int(user_id))
