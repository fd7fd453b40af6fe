"""Maintenance of the database: counters, stored feeds, and expired rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, QuerySet

from accounts.account_cache import invalidate_numbers
from accounts.departures import leaving
from accounts.doors import admissions
from accounts.logins.service import delete_old
from accounts.models import (
    ApiSession,
    AppCode,
    Attempts,
    Challenge,
    Follow,
    FormerName,
    IdempotencyKey,
    User,
    UserStats,
)
from minigram_site.fields.snowflake import id_at
from photos.conversation import threads
from photos.models import Comment, Photo, PhotoStats
from photos.services import recount as recount_photos
from social import feed, profiles
from social.feed import service
from social.models import FeedEntry

CHUNK = 500
# A stored answer is replayed for a day at most: clients retry within minutes.
KEY_LIFETIME = timedelta(days=1)


def reconcile(*, fix: bool) -> dict[str, tuple[int, int]]:
    """Compare all counters with the rows they count; with ``fix``, correct them.

    Returns for people, photos and comments how many there are and how many were wrong. A missing
    row of counters counts as wrong. Locks the counter rows of 500 at a time, so that concurrent
    changes are not mistaken for drift, and no other transaction waits for long.
    """
    people = User.objects.order_by("pk").values_list("pk", flat=True)
    photos = Photo.objects.order_by("pk").values_list("pk", flat=True)
    return {
        "people": _check(people, UserStats, _empty_user_stats, recount_people, fix=fix),
        "photos": _check(photos, PhotoStats, _empty_photo_stats, recount_photos, fix=fix),
        "comments": _check_comments(fix=fix),
    }


def recount_people(user_ids: Iterable[int], *, fix: bool = True) -> int:
    """Set the counters of these people to the number of rows; return how many were wrong.

    Suspended people count for nobody. Without ``fix`` they are only compared. Costs six statements
    for each 500 people.
    """
    return sum(_recount_people(part, fix=fix) for part in _chunks(sorted(user_ids)))


def rebuild_feeds(owners: QuerySet[User]) -> Iterator[User]:
    """Rebuild the stored feed of each owner; yield the owner when it is done."""
    for owner in owners.order_by("pk").iterator(chunk_size=CHUNK):
        feed.rebuild(owner)
        yield owner


def trim_feeds() -> int:
    """Trim every stored feed of more than ``KEPT_ENTRIES``; return how many there were.

    Costs one read of the index of all entries, and some statements for each long feed.
    """
    entries = FeedEntry.objects.order_by().values("owner").annotate(rows=Count("photo"))
    long = list(entries.filter(rows__gt=service.KEPT_ENTRIES).values_list("owner", flat=True))
    for owner in User.objects.filter(pk__in=long):
        feed.trim(owner)
    return len(long)


def delete_orphaned_entries() -> int:
    """Delete entries of feeds whose owner or photo is gone; return how many there were.

    The database has no foreign keys for them. Costs one read of all entries.
    """
    owner = User.objects.filter(pk=OuterRef("owner_id"))
    photo = Photo.objects.filter(pk=OuterRef("photo_id"))
    orphaned = FeedEntry.objects.filter(~Exists(owner) | ~Exists(photo))
    return orphaned.delete()[0]


def delete_expired() -> dict[str, int]:
    """Delete what has expired; return how many of each kind.

    API sessions, idempotency keys, attempts, questions to passkeys, codes of apps, the reservation
    of former names, old log-ins, accounts that did not come in, and those whose owners have left.
    """
    now = datetime.now(UTC)
    sessions, _ = ApiSession.objects.filter(expires_at__lt=now).delete()
    keys, _ = IdempotencyKey.objects.filter(pk__lt=id_at(now - KEY_LIFETIME)).delete()
    tried, _ = Attempts.objects.filter(ends_at__lt=now).delete()
    codes, _ = AppCode.objects.filter(expires_at__lt=now).delete()
    questions, _ = Challenge.objects.filter(expires_at__lt=now).delete()
    names, _ = FormerName.objects.filter(ends_at__lt=now).delete()
    return {
        "API sessions": sessions,
        "idempotency keys": keys,
        "counts of attempts": tried,
        "reservations of names": names,
        "questions to passkeys": questions,
        "codes of apps": codes,
        "log-ins that have ended": delete_old(),
        "sign-ups that were not confirmed or refused": _delete_stale_sign_ups(),
        "accounts whose owners have left": _delete_departed(),
    }


def _delete_departed() -> int:
    return sum(profiles.delete_departed(user=user) for user in list(leaving.due()))


def _delete_stale_sign_ups() -> int:
    stale = list(admissions.stale())
    for user in stale:
        profiles.delete_account(user=user)
    return len(stale)


def _check(
    identifiers: QuerySet[Any, int],
    stats: type[UserStats | PhotoStats],
    empty: Callable[[int], Any],
    recount: Callable[..., int],
    *,
    fix: bool,
) -> tuple[int, int]:
    checked = wrong = 0
    for part in _chunks(identifiers.iterator(chunk_size=CHUNK)):
        held = set(stats._default_manager.filter(pk__in=part).values_list("pk", flat=True))
        missing = [identifier for identifier in part if identifier not in held]
        if fix:
            rows = [empty(identifier) for identifier in missing]
            stats._default_manager.bulk_create(rows, ignore_conflicts=True)
        checked += len(part)
        wrong += len(missing) + recount(held, fix=fix)
        recount(missing, fix=fix)
    return checked, wrong


def _check_comments(*, fix: bool) -> tuple[int, int]:
    checked = wrong = 0
    comments = Comment.objects.order_by("pk").values_list("pk", flat=True)
    for part in _chunks(comments.iterator(chunk_size=CHUNK)):
        checked += len(part)
        wrong += threads.recount(part, fix=fix)
    return checked, wrong


def _empty_user_stats(user_id: int) -> UserStats:
    return UserStats(user_id=user_id)


def _empty_photo_stats(photo_id: int) -> PhotoStats:
    return PhotoStats(photo_id=photo_id)


@transaction.atomic
def _recount_people(user_ids: list[int], *, fix: bool) -> int:
    held = UserStats.objects.select_for_update().filter(pk__in=user_ids).order_by("pk")
    people = list(held)
    shown = Follow.objects.all()
    fields = {
        "photo_count": _rows_per_person(Photo.objects.listed(), "author", user_ids),
        "follower_count": _rows_per_person(
            shown.filter(follower__is_active=True), "followee", user_ids
        ),
        "following_count": _rows_per_person(
            shown.filter(followee__is_active=True), "follower", user_ids
        ),
        "suspended_follower_count": _rows_per_person(
            shown.filter(follower__is_active=False), "followee", user_ids
        ),
    }
    wrong = []
    for stats in people:
        truth = {field: rows.get(stats.pk, 0) for field, rows in fields.items()}
        if truth != {field: getattr(stats, field) for field in fields}:
            for field, count in truth.items():
                setattr(stats, field, count)
            wrong.append(stats)
    if fix:
        UserStats.objects.bulk_update(wrong, list(fields))
        invalidate_numbers(stats.pk for stats in wrong)
    return len(wrong)


def _rows_per_person(rows: QuerySet[Any], field: str, user_ids: list[int]) -> dict[int, int]:
    rows = rows.filter(**{f"{field}__in": user_ids}).order_by()
    counted = rows.values(person=F(field)).annotate(rows=Count("pk"))
    return dict(counted.values_list("person", "rows"))


def _chunks(identifiers: Iterable[int]) -> Iterator[list[int]]:
    identifiers = iter(identifiers)
    while part := list(islice(identifiers, CHUNK)):
        yield part
