"""What somebody is told, and the deeds that they are told of, for tests."""

from __future__ import annotations

from accounts.models import User
from photos.conversation import comments
from photos.models import Comment, Photo
from photos.services import comment
from social.notifications import inbox
from social.notifications.activity import Activity, activity_page
from social.notifications.wording import sentence


def shown_to(user: User) -> list[Activity]:
    """Return the first page of what somebody is told."""
    return activity_page(user, None).items


def sentences(user: User) -> list[str]:
    """Return what somebody is told, in words; the badge agrees with the list."""
    page = shown_to(user)
    assert inbox.unread(user.pk) == sum(one.unread for one in page)
    return [sentence(one) for one in page]


def read_all(user: User) -> None:
    """Mark as read what the first page shows."""
    inbox.mark_read(user=user, up_to=max(one.latest for one in shown_to(user)))


def said(author: User, photo: Photo, text: str = "Nice.", to: Comment | None = None) -> Comment:
    """Write a comment, or a reply, below a photo."""
    written = comment(author=author, photo_id=photo.pk, text=text, reply_to=to)
    written.author = author
    return written


def rewritten(written: Comment, text: str) -> Comment:
    """Give a comment another text."""
    return comments.edit_comment(comment=written, text=text)
