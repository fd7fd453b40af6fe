"""Verbs on a profile: edit it, change the avatar, delete the account with all that is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from django.db import transaction
from django.db.models import F

from accounts import account_cache
from accounts.departures.leaving import is_due
from accounts.models import Follow, User, UserStats
from accounts.people import read_words
from minigram_site.cache import is_configured
from minigram_site.storage import public_links
from photos import files, images
from photos.services import delete_everything_of, delete_uploads_of, lock_uploads_of
from social.moderation.bans import refuse_banned
from social.portable import export, jobs

PROFILE_FIELDS = ("display_name", "bio", "website")


@transaction.atomic
def edit_profile(*, user: User, **changes: str) -> None:
    """Set some of ``PROFILE_FIELDS``; raises ``TypeError`` for other names.

    One statement, and one for a bio that may mention somebody.
    """
    for field, value in changes.items():
        if field not in PROFILE_FIELDS:
            raise TypeError(f"{field} is not part of a profile")
        setattr(user, field, value)
    if "bio" in changes:
        user.bio_entities = read_words(changes["bio"], user).entities
    if changes:
        derived = {"bio_entities"} if "bio" in changes else set()
        user.save(update_fields=derived.union(changes))
        account_cache.invalidate_account(user.pk)


@transaction.atomic
def set_noindex(*, user: User, noindex: bool) -> None:
    """Ask search engines to leave a person out, or no longer. One statement."""
    user.noindex = noindex
    user.save(update_fields=["noindex"])
    account_cache.invalidate_account(user.pk)


def change_avatar(*, user: User, image: IO[bytes]) -> None:
    """Replace the avatar. Raises ``ImageRejected`` with a sentence for the person."""
    refuse_banned(image)
    processed = images.process_avatar(image)
    with files.stored(processed) as stored:
        _set_avatar(user, [(width, name) for width, _, name in stored.renditions])


def remove_avatar(*, user: User) -> None:
    """Remove the avatar and its files; without an avatar nothing changes."""
    _set_avatar(user, [])


@transaction.atomic
def delete_account(*, user: User) -> None:
    """Delete a person with photos, files, likes, comments and follows; correct all counters.

    Locks rows in the order of those who write them: uploads, counters of the person, the person,
    counters of photos. While the person is held no upload or avatar can be added, so that every
    file has its name in a row that is deleted here. Raises ``UserStats.DoesNotExist`` if the
    account is gone, ``StorageUnavailable`` if their pictures stay at their addresses.
    """
    lock_uploads_of(user)
    UserStats.objects.select_for_update().get(user=user)
    # As whoever likes, saves or shares a photo does, before its counters. Others may still name it.
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
    delete_everything_of(user=user)
    followees = Follow.objects.filter(follower=user).values("followee")
    followers = Follow.objects.filter(followee=user).values("follower")
    connected = list(_connected(user)) if is_configured() else []
    counted = User.objects.filter(pk=user.pk, is_active=True).exists()
    number = "follower_count" if counted else "suspended_follower_count"
    UserStats.objects.filter(user__in=followees).update(**{number: F(number) - 1})
    if counted:
        stats = UserStats.objects.filter(user__in=followers)
        stats.update(following_count=F("following_count") - 1)
    user_id = user.pk
    export.forget(owner=user)
    jobs.forget(owner=user)
    held = User.objects.select_for_update().get(pk=user_id)
    files.delete_on_commit(name for _, name in held.avatar)
    delete_uploads_of(held)
    held.delete()
    public_links.withdraw_person(user_id)
    account_cache.invalidate_account(user_id)
    account_cache.invalidate_numbers(connected)


@transaction.atomic
def delete_departed(*, user: User) -> bool:
    """Delete the account of somebody who leaves, if its days are over; tell whether they were.

    Whoever comes back or is suspended in this moment is waited for. Raises what ``delete_account``
    raises but for an account that is gone.
    """
    lock_uploads_of(user)
    if not UserStats.objects.select_for_update().filter(user=user) or not is_due(user):
        return False
    delete_account(user=user)
    return True


@transaction.atomic
def _set_avatar(user: User, avatar: list[tuple[int, str]]) -> None:
    held = User.objects.select_for_update().get(pk=user.pk)
    user.avatar = avatar
    user.save(update_fields=["avatar"])
    public_links.withdraw_avatar(user.pk)
    account_cache.invalidate_account(user.pk)
    files.delete_on_commit(name for _, name in held.avatar)


def _connected(user: User) -> Iterator[int]:
    """Yield the ids of all followers and followed of ``user``. Two queries."""
    yield from Follow.objects.filter(follower=user).values_list("followee_id", flat=True)
    yield from Follow.objects.filter(followee=user).values_list("follower_id", flat=True)
