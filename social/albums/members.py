"""Verbs on the members of an album: invite, accept, leave, remove; and the list of them.

Nothing here is undone by a block or a suspension. They are asked about whenever somebody opens the
album or adds to it (``AlbumQuerySet``), so what they hid comes back when they end.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.http import Http404
from django.utils.translation import gettext

from accounts.models import Follow, User
from minigram_site.db import hold_rows
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, paginate
from social.albums.editing import own_album
from social.albums.models import Album, AlbumMember
from social.notifications import telling

MAX_MEMBERS = 50
KEYS = ("member_id",)


class CannotInvite(ValidationError):
    """Somebody cannot be invited; the message is for the person who tried."""


@transaction.atomic
def invite(*, owner: User, album_id: int, person: User) -> AlbumMember:
    """Invite a follower to add photos, and tell them; who is invited or a member stays so.

    Seven statements. Raises what ``own_album`` does, ``Http404`` if the person was deleted, and
    ``CannotInvite`` for oneself, for somebody who does not follow the owner, and beyond
    ``MAX_MEMBERS``.
    """
    album = own_album(owner, album_id)
    there = AlbumMember.objects.filter(album=album)
    member = there.filter(user=person).first()
    if member is not None:
        return member
    if person.pk == owner.pk:
        raise CannotInvite(gettext("This is your own album."), "own_album")
    if not hold_rows(User, [person.pk]):
        raise Http404
    if not Follow.objects.filter(follower=person, followee=owner).exists():
        raise CannotInvite(gettext("You can invite people who follow you."), "not_a_follower")
    if there.count() >= MAX_MEMBERS:
        raise CannotInvite(
            gettext("An album can have up to %(max_members)s members.")
            % {"max_members": MAX_MEMBERS},
            "too_many_members",
        )
    member = AlbumMember.objects.create(album=album, user=person)
    telling.tell_invited(owner=owner.pk, person=person.pk, album=album.pk, cause=member.pk)
    return member


@transaction.atomic
def accept(*, user: User, album_id: int) -> None:
    """Accept an invitation; again changes nothing. Two statements.

    Raises ``Http404`` if there is none (any more), or a block stands between user and owner.
    """
    reachable = Album.objects.filter(pk=album_id, owner__in=User.objects.reachable_by(user))
    waiting = AlbumMember.objects.filter(user=user, album__in=reachable)
    if not waiting.update(accepted=True):
        raise Http404


@transaction.atomic
def leave(*, user: User, album_id: int) -> None:
    """Decline an invitation, or leave an album; what one has added stays. One statement.

    Raises ``Http404`` for who is neither invited nor a member.
    """
    albums = Album.objects.filter(pk=album_id)
    if not AlbumMember.objects.filter(user=user, album__in=albums).delete()[0]:
        raise Http404


@transaction.atomic
def remove_member(*, owner: User, album_id: int, person: User) -> None:
    """End a membership or invitation; what they have added stays. Two statements.

    Without one nothing changes. Raises what ``own_album`` does.
    """
    album = own_album(owner, album_id)
    AlbumMember.objects.filter(album=album, user=person).delete()


def members_page(
    album_id: int, viewer: User, cursor: Cursor | None, size: int = PAGE_SIZE, *, invited: bool
) -> Page[User]:
    """Return a page of the members whom ``viewer`` may know of, the latest first. One query.

    With ``invited`` also those who have not answered, for the owner. Each has ``has_accepted``.
    """
    asked: dict[str, object] = {"memberships__album": album_id}
    if not invited:
        asked["memberships__accepted"] = True
    people = User.objects.reachable_by(viewer).filter(**asked)
    people = people.with_counts_for(viewer).with_relation_to(viewer)
    shown = people.annotate(member_id=F("memberships__id"), has_accepted=F("memberships__accepted"))
    return paginate(shown, cursor, size, KEYS)
