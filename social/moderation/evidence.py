"""What moderators need of what was deleted, and the end of the bin.

A photo is not deleted with its files while a case about it waits: whoever judges a report or an
appeal sees what it is about.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page
from photos.bin import CannotRestore, comments, give_up, purge
from photos.conversation import threads
from photos.hiding import hide_photo, show_photo
from photos.models import Comment, DeletedComment, Removal, RemovalQuerySet
from social.moderation import log
from social.moderation.effects import HIDING
from social.moderation.models import Decision, Kind, ModerationCase, Verb

# Photos that one call deletes at the most; each is a transaction.
BATCH = 500
WAITING = (ModerationCase.State.OPEN, ModerationCase.State.APPEALED)


class CannotShow(ValueError):
    """Staff cannot bring something back from the bin; the message says why."""


def delete_for_good(*, removal: Removal) -> None:
    """Delete a photo that its author has in the bin, with its files; it is not to come back.

    While a case about it waits, the files stay for who judges it: then only the author's way back
    ends. Raises ``PhotoGone`` if it was brought back or deleted meanwhile.
    """
    give_up(removal=removal)
    if unneeded().filter(pk=removal.pk).exists():
        _purge(removal)


def deleted_comments(
    user: User, cursor: Cursor | None, size: int = PAGE_SIZE
) -> Page[DeletedComment]:
    """Return a page of the comments that ``user`` has deleted, newest first. One query.

    Each has ``is_withheld``: whether a decision has removed it as well, and it cannot come back.
    """
    removed = _removals_of_comments().filter(case__target_id=OuterRef("comment_id"))
    rows = DeletedComment.objects.annotate(is_withheld=Exists(removed))
    return comments.deleted_comments(user, cursor, size, rows)


@transaction.atomic
def restore_comment(*, deleted: DeletedComment) -> Comment:
    """Bring a comment back from the bin.

    Raises ``CannotRestore`` while a decision stands that has removed it as well, ``CommentGone``
    if it was brought back or deleted for good meanwhile. Three statements more than
    ``photos.bin.comments.restore``.
    """
    # A moderator who decides at this moment comes either before or after.
    threads.hold(deleted.photo_id, deleted.author_id, deleted.by_id)
    if _removals_of_comments().filter(case__target_id=deleted.comment_id).exists():
        raise CannotRestore(
            gettext("The moderators have removed this comment, so it can’t be restored.")
        )
    return comments.restore(deleted=deleted)


def delete_now(*, removal: Removal) -> None:
    """Delete what is in the bin, whoever has put it there, as ``delete_for_good`` does.

    Raises ``PhotoGone`` if its author brought it back or deleted it meanwhile.
    """
    if removal.by == Removal.By.AUTHOR:
        delete_for_good(removal=removal)
        return
    hide_photo(photo=removal.photo, purge_at=timezone.now())
    if unneeded().filter(pk=removal.pk).exists():
        _purge(removal)


def empty_bin(limit: int = BATCH) -> int:
    """Delete photos whose time in the bin is over, with their files; return how many.

    At most ``limit``, those first that have waited longest. Safe at any time, and in several
    processes at once.
    """
    waiting = unneeded().select_related("photo").order_by("purge_at", "pk")
    return sum(_purge(removal) for removal in list(waiting[:limit]))


def unneeded() -> RemovalQuerySet:
    """Return the removals that are due and whose photo no moderator needs any more."""
    about = ModerationCase.objects.filter(kind=Kind.PHOTO, target_id=OuterRef("photo_id"))
    return Removal.objects.due().exclude(Exists(about.filter(state__in=WAITING)))


@transaction.atomic
def show_again(*, removal: Removal) -> None:
    """Bring back what staff have deleted in the admin.

    Raises ``CannotShow`` for what its author has deleted, and while a decision stands: that is
    taken back in its case.
    """
    if removal.by == Removal.By.AUTHOR:
        raise CannotShow("Its author has deleted this photo: only they can bring it back.")
    standing = Decision.objects.filter(verb__in=HIDING, undone_at=None)
    about = standing.filter(case__kind=Kind.PHOTO, case__target_id=removal.photo_id)
    if about.exists():
        raise CannotShow("A decision hides this photo: take it back in its case.")
    show_photo(photo=removal.photo)


def show_comment_again(*, deleted: DeletedComment) -> Comment:
    """Bring back a comment that staff have deleted in the admin, as ``restore_comment`` does.

    Raises ``CannotShow`` while a decision stands that has removed it as well, ``CommentGone`` if it
    was brought back or deleted for good meanwhile.
    """
    try:
        return restore_comment(deleted=deleted)
    except CannotRestore:
        raise CannotShow("A decision removes this comment: take it back in its case.") from None


def _removals_of_comments() -> QuerySet[Decision]:
    """Return the decisions that stand and have removed a comment."""
    standing = Decision.objects.filter(verb=Verb.REMOVE, undone_at=None)
    return standing.filter(case__kind=Kind.COMMENT)


@transaction.atomic
def _purge(removal: Removal) -> bool:
    cases = ModerationCase.objects.filter(kind=Kind.PHOTO, target_id=removal.photo_id)
    case = cases.order_by("-pk").first()
    if not purge(removal=removal):
        return False
    if case is not None:
        log.write(case, "deleted", by=None)
    return True
