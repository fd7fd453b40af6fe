"""Which ways of logging in a site has: all, or that of its provider alone."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext

from accounts.doors.site import site_settings
from accounts.models import LogIn, User

_How = LogIn.How


class ClosedWay(PermissionDenied):
    """Nobody comes in this way; the message is for people, ``code`` for programs."""

    code = "provider_only"


def require_open(user: User, how: LogIn.How) -> None:
    """Raise ``ClosedWay`` where only the provider logs in, and this is another way.

    The staff may: somebody has to get in when the provider is out of order. No query.
    """
    site = site_settings()
    if site.is_provider_only and how in {_How.PASSWORD, _How.PASSKEY} and not user.is_staff:
        sentence = gettext("On this site you log in with %(provider)s.")
        raise ClosedWay(sentence % {"provider": site.provider_label})
