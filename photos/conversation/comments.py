"""Verbs on one comment: edit it, like it, take the like back."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User
from accounts.people import read_words
from minigram_site.cache import invalidate
from minigram_site.db import insert_or_ignore
from photos.conversation import texts
from photos.conversation.threads import CommentGone
from photos.events import listener
from photos.models import Comment, CommentLike


@transaction.atomic
def edit_comment(*, comment: Comment, text: str) -> Comment:
    """Give a comment another text, which it says; the text that it has changes nothing.

    Four statements, and what changes of its mentions. Raises ``CommentGone`` if it was deleted
    meanwhile.
    """
    held = Comment.objects.select_for_update().filter(pk=comment.pk).first()
    if held is None or comment.author is None or held.author_id != comment.author_id:
        raise CommentGone(gettext("This comment was deleted."))
    if held.text == text:
        return held
    words = read_words(text, comment.author)
    held.text, held.entities, held.edited_at = text, words.entities, timezone.now()
    held.save(update_fields=["text", "entities", "edited_at"])
    texts.save_comment(held, words, new=False)
    return held


@transaction.atomic
def like_comment(*, user: User, comment_id: int) -> None:
    """Let ``user`` like a comment; liking again changes nothing. Four statements.

    Raises ``CommentGone`` if the comment was deleted, or the user suspended, meanwhile.
    """
    _require_active(user)
    if insert_or_ignore(CommentLike, user_id=user.pk, comment_id=comment_id):
        _count(comment_id, 1)
        invalidate(*listener().comment_liked(user.pk, comment_id))


@transaction.atomic
def unlike_comment(*, user: User, comment_id: int) -> None:
    """Take the like of a comment back; without one nothing changes. Four statements.

    Raises ``CommentGone`` if the comment was deleted, or the user suspended, meanwhile.
    """
    _require_active(user)
    if CommentLike.objects.filter(user=user, comment=comment_id).delete()[0]:
        _count(comment_id, -1)
        listener().comment_unliked(user.pk, comment_id)


def _require_active(user: User) -> None:
    """Lock the person, so that a suspension comes before or after and not in between."""
    person = User.objects.select_for_update(no_key=True).filter(pk=user.pk, is_active=True)
    if not person.values_list("pk").first():
        raise CommentGone(gettext("This comment was deleted."))


def _count(comment_id: int, change: int) -> None:
    written = Comment.objects.filter(pk=comment_id, author__isnull=False)
    if not written.update(like_count=F("like_count") + change):
        raise CommentGone(gettext("This comment was deleted."))
