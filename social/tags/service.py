"""Verbs of followed tags. Pages and API call these; what a tag brings is ``social.feed.tagged``.

Tags are named by their key (``minigram_site.fields.entities.tag_key``). Whether anybody uses a tag
is said to nobody: each can be followed, and is written down when it is.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User
from minigram_site.db import insert_or_ignore
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, paginate
from photos.conversation.texts import tag_ids
from social import feed
from social.models import Feed, FollowedTag

# A page of the feed looks at the newest photos of each.
MOST_FOLLOWED = 50


class CannotFollowTag(ValueError):
    """A tag cannot be followed; the message says why, ``code`` is for programs."""

    code = "too_many_tags"


@transaction.atomic
def follow_tag(*, user: User, key: str) -> None:
    """Have the public photos of a tag in the home feed; repeated, it changes nothing.

    Up to eight statements, and what ``feed.rebuild`` does for somebody whose feed is not stored.
    Raises ``CannotFollowTag`` past ``MOST_FOLLOWED`` tags.
    """
    _lock(user)
    held = FollowedTag.objects.filter(user=user)
    if held.filter(tag__key=key).exists():
        return
    if held.count() >= MOST_FOLLOWED:
        raise CannotFollowTag(
            gettext(
                "You already follow %(most_followed)s tags, which is the limit. Unfollow one first."
            )
            % {"most_followed": MOST_FOLLOWED}
        )
    (tag,) = tag_ids([key])
    insert_or_ignore(FollowedTag, user_id=user.pk, tag_id=tag)
    Feed.objects.filter(owner=user).update(follows_tags=True)
    feed.invalidate_feed(user.pk)


@transaction.atomic
def unfollow_tag(*, user: User, key: str) -> None:
    """Take what a tag brings out of the home feed; repeated, it changes nothing.

    Five statements.
    """
    _lock(user)
    held = FollowedTag.objects.filter(user=user)
    if held.filter(tag__key=key).delete()[0]:
        Feed.objects.filter(owner=user).update(follows_tags=held.exists())
        feed.invalidate_feed(user.pk)


def is_followed(user: User, key: str) -> bool:
    """Tell whether somebody follows a tag. One query."""
    return FollowedTag.objects.filter(user=user, tag__key=key).exists()


def followed_tags(user: User, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[FollowedTag]:
    """Return a page of the tags that somebody follows, the latest followed first. One query."""
    return paginate(FollowedTag.objects.filter(user=user).select_related("tag"), cursor, size)


def _lock(user: User) -> None:
    """Lock the row of a stored feed, and make it if it is missing: one change at a time."""
    row = Feed.objects.select_for_update().filter(owner=user)
    if not row.exists():
        feed.rebuild(user)
    list(row.values_list("pk"))
