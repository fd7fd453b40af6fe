"""The bin of comments: whoever deleted one brings its words back for 30 days.

A deleted comment leaves no mark in the tables of conversation: lists and counts ask nothing more.
Its words are kept beside them, and written again, as those that moderators removed are.
"""

from __future__ import annotations

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, paginate
from photos import hiding
from photos.conversation import threads
from photos.conversation.threads import CommentGone
from photos.models import KEPT, Comment, DeletedComment, DeletedCommentQuerySet

# Comments that one call deletes at the most.
BATCH = 5000


def deleted_comments(
    user: User,
    cursor: Cursor | None,
    size: int = PAGE_SIZE,
    rows: DeletedCommentQuerySet | None = None,
) -> Page[DeletedComment]:
    """Return a page of what ``user`` has deleted and can bring back, newest first. One query.

    ``rows`` are those to look among, all of them unless a caller has annotated something.
    """
    among = DeletedComment.objects.all() if rows is None else rows
    return paginate(among.deleted_by(user), cursor, size)


def deleted_comment(user: User, comment_id: int) -> DeletedComment:
    """Return what ``user`` has deleted; raises ``Http404`` if it is not there (any more).

    One query.
    """
    found = DeletedComment.objects.deleted_by(user).filter(comment_id=comment_id).first()
    if found is None:
        raise Http404
    return found


@transaction.atomic
def restore(*, deleted: DeletedComment) -> Comment:
    """Write a comment again at its place, without its likes; replies to it have stayed.

    Raises ``CommentGone`` if it was brought back or deleted for good meanwhile. Costs what
    ``hiding.restore_comment`` does, and two statements.
    """
    _take_out(deleted)
    return hiding.restore_comment(
        author=deleted.author,
        photo_id=deleted.photo_id,
        text=deleted.text,
        identifier=deleted.comment_id,
        parent_id=deleted.parent_id,
        edited_at=deleted.edited_at,
    )


@transaction.atomic
def forget_comment(*, deleted: DeletedComment) -> None:
    """Forget the words of a comment. One statement.

    Raises ``CommentGone`` if it was brought back or forgotten meanwhile.
    """
    _take_out(deleted)


def empty_bin(limit: int = BATCH) -> int:
    """Forget comments whose time in the bin is over; return how many. Two statements.

    At most ``limit``, those first that have waited longest.
    """
    due = DeletedComment.objects.deleted_before(timezone.now() - KEPT).order_by("pk")
    waiting = list(due.values_list("pk", flat=True)[:limit])
    return DeletedComment.objects.filter(pk__in=waiting).delete()[0]


def hold(comment_id: int) -> None:
    """Let nobody delete a comment or bring it back until the transaction ends. Three statements.

    One that is neither there nor in the bin is left alone.
    """
    columns = ("photo_id", "author_id")
    written = Comment.objects.filter(pk=comment_id, author__isnull=False).values_list(*columns)
    deleted = DeletedComment.objects.filter(comment_id=comment_id).values_list(*columns)
    for photo_id, author_id in written.union(deleted):
        threads.hold(photo_id, author_id)


def _take_out(deleted: DeletedComment) -> None:
    if not DeletedComment.objects.filter(pk=deleted.pk).delete()[0]:
        raise CommentGone(gettext("This comment is no longer in your deleted comments."))
