"""Devices that somebody is told on: verbs. One for each log-in, and gone with it.

A browser's subscription outlives the log-in of the person; ours does not. The log-in is asked for
whenever something is sent (``is_open``), so that log-out, its end, a suspension and another
password end it without being told of it.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.authentication.session_rows import confirms, owner_in
from accounts.models import ApiSession, User
from accounts.sessions import session_row
from minigram_site.db import hold_rows
from minigram_site.fields.snowflake import id_at
from social.notifications.models import PushDevice
from social.notifications.push.sending import Target, validate

# Of one person; the oldest go.
MOST = 20
_PAGES, _API = "s", "a"


def page_login(session_key: str) -> str:
    """Return the name of a browser's log-in."""
    return f"{_PAGES}:{session_key}"


def api_login(session_id: int) -> str:
    """Return the name of an app's log-in."""
    return f"{_API}:{session_id}"


def turn_on(*, user: User, login: str, target: Target) -> None:
    """Send what is new to this device from now on, and to no other of this log-in.

    Whoever had it before has it no more. Five statements. Raises ``ValidationError`` for what is
    no device, ``User.DoesNotExist`` if the account was deleted.
    """
    validate(target)
    try:
        _write(user, login, target)
    except IntegrityError:
        # Another log-in has turned the same device on in this moment.
        _write(user, login, target)


def turn_off(*, login: str) -> None:
    """Send nothing more to the device of a log-in. One statement."""
    PushDevice.objects.filter(login=login).delete()


def is_on(login: str) -> bool:
    """Return whether what is new is sent to the device of a log-in. One query."""
    return PushDevice.objects.filter(login=login).exists()


def is_open(device: PushDevice) -> bool:
    """Return whether the log-in of a device goes on; its owner comes with it. One query."""
    kind, _, name = device.login.partition(":")
    if not device.owner.is_active:
        return False
    if kind == _API:
        return ApiSession.objects.filter(
            pk=int(name), user=device.owner, expires_at__gt=timezone.now()
        ).exists()
    row = session_row(name).first()
    if row is None:
        return False
    owner, user = owner_in(row[0]), device.owner
    return owner.user_id == user.pk and confirms(user.password, user.auth_version, owner)


@transaction.atomic
def _write(user: User, login: str, target: Target) -> None:
    if not hold_rows(User, [user.pk]):
        raise User.DoesNotExist("The account was deleted.")
    PushDevice.objects.filter(Q(endpoint=target.endpoint) | Q(login=login)).delete()
    now = timezone.now()
    PushDevice.objects.create(
        owner=user,
        login=login,
        endpoint=target.endpoint,
        p256dh=target.p256dh,
        auth=target.auth,
        sent_up_to=id_at(now),
        due_at=now,
    )
    held = PushDevice.objects.filter(owner=user).order_by("-pk").values_list("pk", flat=True)
    PushDevice.objects.filter(pk__in=list(held[MOST:])).delete()
