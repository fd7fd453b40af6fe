"""How far somebody has read, how much is unread, and of what they want to be told."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from functools import cache, partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connections, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User
from minigram_site.cache import Region, Writer, current_lease, get_or_build, invalidate
from minigram_site.db import compiled_sql, fetch_compiled, fetch_prepared, read_alias
from minigram_site.fields.snowflake import id_at
from minigram_site.memory_cache import BoundedCache
from social.notifications.kinds import Kind
from social.notifications.models import Inbox, Notification, Silence

# Beyond so many a number says "more than that": no more are read, and each is asked whether its
# reader may see it, on each page of a member.
MOST = 9
NEWS = Region("news", soft_ttl=900, hard_ttl=300)
_SOME, _NONE = b"1", b"0"
# What a statement asks about. It costs what it can ask, so there are some that ask about less, for
# people of whom this process has seen that it is enough.
_ASKED = (
    frozenset({Kind.LIKE, Kind.FOLLOW}),
    frozenset({Kind.LIKE, Kind.FOLLOW, Kind.COMMENT, Kind.REPLY, Kind.MENTION}),
    frozenset(Kind),
)
_BYTES_OF_ONE = 250
# Which of them was enough for somebody since they have read, as far as this process knows: 8,000
# people.
_enough: BoundedCache[int, int] = BoundedCache(2_000_000, lambda _: _BYTES_OF_ONE)
# How far the clocks of instances may be apart.
_CLOCKS = timedelta(minutes=1)


def unread(user_id: int) -> int:
    """Return how many notifications are unread, ``MOST + 1`` for more.

    Those that the list shows as unread, each of them one, however many people did it. One query;
    two where something of a rarer kind is among them than when this process counted last. With a
    cache, none for those of whom it knows that nothing has moved since they have read.
    """
    if current_lease() is None:
        return _count(user_id)
    found = get_or_build(NEWS, str(user_id), lambda writer: _read_news(writer, user_id))
    return _count(user_id) if found.body == _SOME else 0


def news_dependency(user_id: int) -> str:
    """Return the dependency on what somebody was told, and on how far they have read."""
    return f"e:{user_id}"


def names_of(told: Iterable[int | None]) -> list[str]:
    """Return the dependencies of these people: they have news."""
    return [news_dependency(user_id) for user_id in told if user_id is not None]


def _read_news(writer: Writer, user_id: int) -> bytes:
    """Return whether anything has moved since somebody has read, and keep it. One query.

    Something may be gone again, or not be for them to see, which only lowers their number: so the
    entry depends on nothing but what was written for them.
    """
    name = news_dependency(user_id)
    writer.depends_on(name)
    moved = Notification.objects.filter(recipient=user_id)
    moved = moved.filter(latest__gt=Inbox.mark_of(User(pk=user_id)))
    body = _SOME if moved.exists() else _NONE
    writer.store(NEWS, str(user_id), body, [name])
    return body


def _count(user_id: int) -> int:
    known = _enough.get(user_id)
    asked = len(_ASKED) - 1 if known is None else known
    while True:
        kinds = _fetch(user_id, asked)
        needed = max((_asks(kind) for kind in kinds), default=0)
        if needed <= asked:
            break
        # Some were counted without asking whether anything is left of them.
        asked = needed
    if known is None:
        _enough.put(user_id, needed)
    elif asked != known:
        # Of what was asked about nothing may be left, which would be found out each time.
        _enough.put(user_id, asked)
    return len(kinds)


def _fetch(user_id: int, asked: int) -> list[int]:
    """Return the kinds of what is unread, ``MOST + 1`` of them at most. One query.

    Of kinds that are not among those ``asked`` about also such as nothing is left of.
    """
    alias = read_alias()
    if connections[alias].vendor == "postgresql":
        rows = fetch_prepared(alias, _unread_sql(asked), [user_id])
    else:
        rows = fetch_compiled(("unread", asked), partial(_unread, asked), [user_id])
    return [row[0] for row in rows]


@cache
def _asks(kind: int) -> int:
    """Return the first place in ``_ASKED`` that has this kind."""
    return next(place for place, kinds in enumerate(_ASKED) if kind in kinds)


@transaction.atomic
def mark_read(*, user: User, up_to: int) -> None:
    """Mark as read what is up to the id ``up_to``, the newest that a page has shown.

    The mark only moves forward, whatever order requests arrive in. Two statements. Raises
    ``ValidationError`` for an id of a time to come.
    """
    if up_to > id_at(timezone.now() + _CLOCKS):
        raise ValidationError({"up_to": gettext("This isn’t the place of a notification.")})
    Inbox.objects.bulk_create([Inbox(owner_id=user.pk)], ignore_conflicts=True)
    _enough.discard(user.pk)
    if Inbox.objects.filter(owner=user.pk, read_up_to__lt=up_to).update(read_up_to=up_to):
        invalidate(news_dependency(user.pk))


def wanted(user: User) -> list[Kind]:
    """Return the kinds that somebody wants to be told of. One query."""
    silent = set(Silence.objects.filter(owner=user.pk).values_list("kind", flat=True))
    return [kind for kind in Kind if kind not in silent]


@transaction.atomic
def set_wanted(*, user: User, kinds: Collection[Kind]) -> None:
    """Tell somebody of these kinds and of no others. Two statements at most.

    What was made while a kind was off is not shown as unread once it is on, if it is older than
    what was read.
    """
    Silence.objects.filter(owner=user.pk, kind__in=kinds).delete()
    silent: Iterable[Kind] = (kind for kind in Kind if kind not in kinds)
    rows = [Silence(owner_id=user.pk, kind=kind) for kind in silent]
    Silence.objects.bulk_create(rows, ignore_conflicts=True)


def _unread(asked: int, user_id: int) -> QuerySet[Notification, Any]:
    unread = Notification.objects.unread_by(User(pk=user_id), _ASKED[asked])
    return unread.values_list("kind")[: MOST + 1]


@cache
def _unread_sql(asked: int) -> str:
    return compiled_sql(partial(_unread, asked), ["$1::bigint"])
