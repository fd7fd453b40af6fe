"""Names: which nobody may take, and how people change theirs.

A former name leads to its person and is reserved for them for 90 days; they may take it back. What
texts say of people is kept by id (``accounts.people``), so that no mention leads to whoever takes
a name later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache, lru_cache
from math import ceil
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import get_resolver
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from accounts import account_cache
from accounts.authentication import attempts
from accounts.doors.site import site_settings
from accounts.models import FormerName, User, Viewer
from minigram_site.web.errors import TooManyRequests

KEPT_FOR = timedelta(days=90)
# Names of offices and of machines' mailboxes (RFC 2142 has many of them), in folded form.
_OFFICES = frozenset(
    (
        *("abuse", "admin", "administration", "administrator", "all", "anonymous", "billing"),
        *("contact", "deleted", "everybody", "everyone", "guest", "help", "helpdesk", "here"),
        *("hostmaster", "info", "legal", "localhost", "mail", "mailerdaemon", "me", "minigram"),
        *("mod", "moderation", "moderator", "moderators", "mods", "nobody", "noreply", "null"),
        *("official", "operator", "owner", "postmaster", "press", "privacy", "root", "sales"),
        *("security", "staff", "support", "sysadmin", "system", "team", "undefined", "username"),
        *("webmaster", "you"),
    )
)
_SEGMENT = re.compile(r"[a-z0-9_.-]{2,30}")


def folded(name: str) -> str:
    """Return the form in which names are compared with reserved ones: without dots and the like.

    ``ad.min`` and ``_admin_`` look like ``admin`` to whoever reads them fast.
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())


def refuse_reserved(name: str) -> None:
    """Raise ``ValidationError`` if nobody may take this name. No query of its own."""
    form = folded(name)
    if form in _OFFICES or form in _routes() or form in _chosen(site_settings().reserved_names):
        raise ValidationError(
            gettext("This username is reserved. Please choose another."), code="reserved_name"
        )


def refuse_held(name: str, *, but: int | None = None) -> None:
    """Raise ``ValidationError`` if somebody else than ``but`` (an id) had this name lately.

    Ask after the statement that takes the name: whoever gives it up in the same moment is waited
    for by that. One query.
    """
    held = FormerName.objects.filter(username=name.lower(), ends_at__gt=timezone.now())
    if (held.exclude(user=but) if but else held).exists():
        raise _taken()


@transaction.atomic
def rename(*, user: User, username: str, is_limited: bool = True) -> None:
    """Give a person another name; the one before is theirs for ``KEPT_FOR``. Seven statements.

    Their own former names can be taken back. Raises ``ValidationError`` for a name that is
    reserved or taken and, if it ``is_limited``, for a change too many; that spends nothing.
    """
    name, now = username.lower(), timezone.now()
    former = User.objects.select_for_update().get(pk=user.pk).username
    if name == former:
        return
    FormerName.objects.filter(username=name, user=user).delete()
    if is_limited:
        refuse_reserved(name)
        _take_change(user)
    try:
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(username=name)
    except IntegrityError:
        raise _taken() from None
    refuse_held(name)
    # One that has run out is nobody's any more.
    FormerName.objects.filter(username=name).delete()
    FormerName.objects.update_or_create(
        username=former, defaults={"user": user, "ends_at": now + KEPT_FOR}
    )
    user.username = name
    account_cache.invalidate_account(user.pk)


def person_formerly(name: str, viewer: Viewer) -> User | None:
    """Return who had this name lately and is known to ``viewer`` under another. One query."""
    people = User.objects.reachable_by(viewer)
    return people.filter(
        former_names__username=name.lower(), former_names__ends_at__gt=timezone.now()
    ).first()


def _taken() -> ValidationError:
    message = str(User._meta.get_field("username").error_messages["unique"])
    return ValidationError(message, code="unique")


def _take_change(user: User) -> None:
    try:
        attempts.take("rename", str(user.pk))
    except TooManyRequests as error:
        days = ceil(error.wait / timedelta(days=1).total_seconds())
        sentence = ngettext(
            "You have changed your username twice lately. You can do so again in %(days)s day.",
            "You have changed your username twice lately. You can do so again in %(days)s days.",
            days,
        ) % {"days": days}
        raise ValidationError(sentence, code="too_many_changes") from None


@cache
def _routes() -> frozenset[str]:
    """Return what the addresses of the site begin with, in folded form."""
    return frozenset(map(folded, _first_segments(get_resolver().url_patterns)))


def _first_segments(patterns: list[Any]) -> Iterator[str]:
    for pattern in patterns:
        if found := _SEGMENT.match(str(pattern.pattern)):
            yield found[0]
        elif not str(pattern.pattern):
            yield from _first_segments(getattr(pattern, "url_patterns", []))


@lru_cache(maxsize=4)
def _chosen(lines: str) -> frozenset[str]:
    return frozenset(folded(line) for line in lines.split("\n") if folded(line))
