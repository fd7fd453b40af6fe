"""Mutes and hidden suggestions: what somebody does not want to be shown. Nobody learns of either.

Pages and API call these. A mute ends no follow: when it ends, all is as it was.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts import account_cache
from accounts.models import HiddenSuggestion, Mute, User
from minigram_site.db import hold_rows, insert_or_ignore
from social import feed


class CannotMute(ValueError):
    """Somebody cannot be muted; the message says why, ``code`` is for programs."""

    def __init__(self, message: str, code: str) -> None:
        """Take the sentence for people and the code for programs."""
        super().__init__(message)
        self.code = code


@transaction.atomic
def mute(*, muter: User, muted: User, ends_at: datetime | None = None) -> None:
    """Mute a person until ``ends_at``, for good without; again it only changes the end.

    Up to five statements. Raises ``CannotMute`` for oneself, for an end that has passed, and past
    ``Mute.MOST`` people; ``User.DoesNotExist`` if one of them was deleted.
    """
    if muter.pk == muted.pk:
        raise CannotMute(gettext("You can’t mute yourself."), "cannot_mute_yourself")
    if ends_at is not None and ends_at <= timezone.now():
        raise CannotMute(
            gettext("That time has already passed. Choose a later one."), "end_has_passed"
        )
    _take(muter, muted)
    mutes = Mute.objects.filter(muter=muter)
    if not mutes.filter(muted=muted).update(ends_at=ends_at):
        # Those that have ended are not deleted by a clock; they make room here.
        if mutes.count() >= Mute.MOST:
            mutes.exclude(pk__in=mutes.active().values("pk")).delete()
        if mutes.count() >= Mute.MOST:
            raise CannotMute(
                gettext("You’ve already muted %(most)s people. Unmute someone first.")
                % {"most": Mute.MOST},
                "too_many_mutes",
            )
        insert_or_ignore(Mute, muter_id=muter.pk, muted_id=muted.pk, ends_at=ends_at)
    account_cache.invalidate_mute(muter.pk, muted.pk, feed.feed_dependency(muter.pk))


@transaction.atomic
def unmute(*, muter: User, muted: User) -> None:
    """End a mute; without one nothing changes. One statement."""
    if Mute.objects.filter(muter=muter, muted=muted).delete()[0]:
        account_cache.invalidate_mute(muter.pk, muted.pk, feed.feed_dependency(muter.pk))


@transaction.atomic
def hide_suggestion(*, user: User, person: User) -> None:
    """Do not suggest ``person`` to ``user`` again; again it changes nothing. Five statements.

    Past ``HiddenSuggestion.MOST`` the oldest is forgotten. Raises ``CannotMute`` for oneself,
    ``User.DoesNotExist`` if one of them was deleted.
    """
    if user.pk == person.pk:
        raise CannotMute(
            gettext("You can’t hide yourself from suggestions."), "cannot_hide_yourself"
        )
    _take(user, person)
    insert_or_ignore(HiddenSuggestion, user_id=user.pk, person_id=person.pk)
    held = HiddenSuggestion.objects.filter(user=user)
    surplus = held.order_by("-pk").values_list("pk", flat=True)[HiddenSuggestion.MOST :]
    held.filter(pk__in=list(surplus)).delete()


def show_suggestion(*, user: User, person: User) -> None:
    """Let ``person`` be suggested to ``user`` again; without need it changes nothing."""
    HiddenSuggestion.objects.filter(user=user, person=person).delete()


def _take(user: User, named: User) -> None:
    """Lock the row of a person, so that what they hide is counted right, and keep ``named``.

    Two queries. Raises ``User.DoesNotExist`` if one of them was deleted.
    """
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
    if not hold_rows(User, [named.pk]):
        raise User.DoesNotExist("The account was deleted.")
