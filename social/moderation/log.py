"""The moderation log: what moderators did and looked at."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from minigram_site.fields.snowflake import id_at
from photos.models import Photo
from social.moderation.models import Kind, ModerationCase, ModerationLogEntry

LOOKED = "looked"
# What an entry has for a case that is about none.
NO_CASE = 0
# A page with ten pictures is one look.
ONE_LOOK = timedelta(minutes=10)


def write(case: ModerationCase, act: str, *, by: User | None, words: str = "") -> None:
    """Write what ``by`` did about a case; ``None`` is the site itself. One insert."""
    ModerationLogEntry.objects.create(
        moderator_id=by.pk if by else None,
        moderator_name=by.username if by else "",
        act=act,
        case_id=case.pk,
        kind=case.kind,
        target_id=case.target_id,
        person_name=case.person_name,
        words=words,
    )


def record_look(case: ModerationCase, *, by: User) -> None:
    """Write that ``by`` looked at the thing of a case, once in ``ONE_LOOK``. Two statements."""
    lately = ModerationLogEntry.objects.filter(
        case_id=case.pk,
        moderator_id=by.pk,
        act=LOOKED,
        pk__gt=id_at(timezone.now() - ONE_LOOK),
    )
    if not lately.exists():
        write(case, LOOKED, by=by)


def record_look_at(photo: Photo, by: User) -> None:
    """Write that ``by`` looked at a photo outside of a case, once in ``ONE_LOOK``. Two statements.

    A look at a case about it is one too. ``photo`` comes with its author.
    """
    lately = ModerationLogEntry.objects.filter(
        kind=Kind.PHOTO,
        target_id=photo.pk,
        moderator_id=by.pk,
        act=LOOKED,
        pk__gt=id_at(timezone.now() - ONE_LOOK),
    )
    if not lately.exists():
        ModerationLogEntry.objects.create(
            moderator_id=by.pk,
            moderator_name=by.username,
            act=LOOKED,
            case_id=NO_CASE,
            kind=Kind.PHOTO,
            target_id=photo.pk,
            person_name=photo.author.username,
        )
