"""Threads: a comment and the replies to it, their counters, and what is left of deleted ones.

Rows are locked in this order by all who write them: the person, the counters of the photo,
comments by id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext

from accounts.models import User
from photos.models import Comment, CommentLike, DeletedComment, Mention, PhotoStats

# Rows that are locked and changed by one statement.
BATCH = 500
# What a deleted comment with replies is left with.
_EMPTY: dict[str, Any] = {
    "author": None,
    "text": "",
    "entities": [],
    "edited_at": None,
    "like_count": 0,
}


class CommentGone(Http404):
    """The comment was deleted between the check of a request and its write."""


def count_reply(comment_id: int, change: int) -> None:
    """Count a reply to a comment in (``change`` 1) or out (-1). Raises ``CommentGone``.

    One statement, part of the transaction that writes the reply.
    """
    comment = Comment.objects.filter(pk=comment_id)
    if not comment.update(reply_count=F("reply_count") + change):
        raise CommentGone(gettext("This comment was deleted."))


def hold(photo_id: int, *people: int | None) -> set[int]:
    """Lock people and then the counters of a photo; return the ids of those who are active.

    Whoever writes, deletes or brings back a comment of theirs there waits until the transaction
    ends. Two statements.
    """
    wanted = {one for one in people if one is not None}
    held = User.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
    active = {pk for pk, is_active in held.values_list("pk", "is_active") if is_active}
    list(PhotoStats.objects.select_for_update().filter(pk=photo_id).values_list("pk"))
    return active


def remove(
    comment: Comment, *, by: User | None = None, by_staff: bool = False
) -> tuple[bool, bool]:
    """Delete a comment; with replies it stays empty, and an empty one goes with its last reply.

    Returns whether it was there, and whether it had counted. Part of a transaction, which changes
    the photo's counter then: that is locked here, after the author. Its words are kept for ``by``,
    or for all staff if it is deleted ``by_staff``. Costs up to eleven statements. Raises
    ``CommentGone`` if ``by`` is gone or suspended.
    """
    active = hold(comment.photo_id, comment.author_id, by.pk if by else None)
    if by is not None and by.pk not in active:
        raise CommentGone(gettext("This comment was deleted."))
    ids = [key for key in (comment.parent_id, comment.pk) if key is not None]
    held = Comment.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    rows = {row.pk: row for row in held}
    if comment.pk not in rows or rows[comment.pk].author_id is None:
        return False, False
    if by is not None or by_staff:
        _keep(rows[comment.pk], by)
    if Comment.objects.filter(parent=comment.pk).exists():
        _empty([comment.pk])
    else:
        rows[comment.pk].delete()
    if comment.parent_id is not None:
        if comment.author_id in active:
            count_reply(comment.parent_id, -1)
        _remove_empty([comment.parent_id])
    return True, comment.author_id in active


def remove_all_of(user: User) -> None:
    """Delete comments and likes of comments of ``user``, and put others' counters right.

    Part of deleting an account: other people's replies stay. Some statements for each 500 comments
    that the person has liked or replied to.
    """
    mine = Comment.objects.filter(author=user)
    likes = CommentLike.objects.filter(user=user)
    answered = set(mine.exclude(parent=None).values_list("parent_id", flat=True))
    touched = answered.union(likes.values_list("comment_id", flat=True))
    likes.delete()
    mine.exclude(parent=None).delete()
    tops = mine.filter(replies__isnull=False).distinct()
    _empty(list(tops.values_list("pk", flat=True)))
    mine.delete()
    _remove_empty(answered)
    recount(touched)


def count_person(user_id: int, change: int) -> None:
    """Count the replies and likes of comments of a person in (``change`` 1) or out (-1).

    Part of restoring and suspending, in whose transaction the person's row is locked. Four
    statements or so for each 500 comments.
    """
    liked = set(CommentLike.objects.filter(user=user_id).values_list("comment_id", flat=True))
    replies = Comment.objects.filter(author=user_id).exclude(parent=None)
    answered = Counter(replies.values_list("parent_id", flat=True))
    for part in _batches(sorted(liked.union(answered))):
        _lock(part)
        comments = Comment.objects.filter(pk__in=liked.intersection(part))
        comments.update(like_count=F("like_count") + change)
        for number in {answered[key] for key in part} - {0}:
            several = Comment.objects.filter(
                pk__in=[key for key in part if answered[key] == number]
            )
            several.update(reply_count=F("reply_count") + number * change)


@transaction.atomic
def recount(comment_ids: Iterable[int], *, fix: bool = True) -> int:
    """Set the counters of these comments to what the rows say; return how many were wrong.

    Likes and replies of suspended people do not count. Without ``fix`` they are only compared.
    Costs four statements for each 500 comments.
    """
    return sum(_recount(part, fix=fix) for part in _batches(sorted(comment_ids)))


def _keep(comment: Comment, by: User | None) -> None:
    DeletedComment.objects.create(
        comment_id=comment.pk,
        photo_id=comment.photo_id,
        author_id=comment.author_id,
        by=by,
        parent_id=comment.parent_id,
        text=comment.text,
        edited_at=comment.edited_at,
    )


def _recount(comment_ids: list[int], *, fix: bool) -> int:
    held = _lock(comment_ids)
    likes = _rows_per(CommentLike.objects.filter(user__is_active=True), "comment", comment_ids)
    replies = _rows_per(Comment.objects.active(), "parent", comment_ids)
    wrong = []
    for comment in held:
        truth = (likes.get(comment.pk, 0), replies.get(comment.pk, 0))
        if (comment.like_count, comment.reply_count) != truth:
            comment.like_count, comment.reply_count = truth
            wrong.append(comment)
    if fix:
        Comment.objects.bulk_update(wrong, ["like_count", "reply_count"])
    return len(wrong)


def _lock(comment_ids: list[int]) -> list[Comment]:
    held = Comment.objects.select_for_update().filter(pk__in=comment_ids)
    return list(held.order_by("pk"))


def _empty(comment_ids: list[int]) -> None:
    for part in _batches(comment_ids):
        Comment.objects.filter(pk__in=part).update(**_EMPTY)
        CommentLike.objects.filter(comment__in=part).delete()
        Mention.objects.filter(comment__in=part).delete()


def _remove_empty(comment_ids: Iterable[int]) -> None:
    """Delete those of these comments that are empty and have no reply any more."""
    for part in _batches(sorted(comment_ids)):
        empty = Comment.objects.filter(pk__in=part, author=None)
        empty.filter(~Q(pk__in=Comment.objects.filter(parent__in=part).values("parent"))).delete()


def _rows_per(rows: QuerySet[Any], field: str, comment_ids: list[int]) -> dict[int, int]:
    found = rows.filter(**{f"{field}__in": comment_ids}).order_by()
    return dict(found.values(field).annotate(rows=Count("pk")).values_list(field, "rows"))


def _batches(comment_ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(comment_ids), BATCH):
        yield comment_ids[start : start + BATCH]
