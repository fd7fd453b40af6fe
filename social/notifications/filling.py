"""Rows of notifications for what was inserted in bulk: generated data, and repairs."""

from __future__ import annotations

from datetime import timedelta

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from minigram_site.fields.snowflake import id_at
from photos.models import Photo
from social.notifications.causes import DAY_OF_IDS
from social.notifications.kinds import Kind
from social.notifications.models import Notification, TakenBack

# How long a notification is kept that nothing has moved.
KEPT = timedelta(days=180)
_INTO = "INSERT INTO social_notification (recipient_id, kind, target_id, photo_id, latest) "
_ONCE = " ON CONFLICT (recipient_id, kind, target_id) DO NOTHING"
# For each kind: the newest cause of each row, as the verbs would have written it.
_ROWS = (
    f"""
SELECT photo.author_id, {Kind.LIKE:d}, photo.id, photo.id, MAX(one.id)
FROM photos_like one JOIN photos_photo photo ON photo.id = one.photo_id
WHERE one.user_id <> photo.author_id GROUP BY photo.author_id, photo.id
""",
    f"""
SELECT photo.author_id, {Kind.COMMENT:d}, photo.id, photo.id, MAX(one.id)
FROM photos_comment one JOIN photos_photo photo ON photo.id = one.photo_id
LEFT JOIN photos_comment parent ON parent.id = one.parent_id
WHERE one.author_id <> photo.author_id AND COALESCE(parent.author_id, 0) <> photo.author_id
GROUP BY photo.author_id, photo.id
""",
    f"""
SELECT parent.author_id, {Kind.REPLY:d}, parent.id, parent.photo_id, MAX(one.id)
FROM photos_comment one JOIN photos_comment parent ON parent.id = one.parent_id
WHERE one.author_id <> parent.author_id GROUP BY parent.author_id, parent.id, parent.photo_id
""",
    f"""
SELECT comment.author_id, {Kind.COMMENT_LIKE:d}, comment.id, comment.photo_id, MAX(one.id)
FROM photos_commentlike one JOIN photos_comment comment ON comment.id = one.comment_id
WHERE one.user_id <> comment.author_id
GROUP BY comment.author_id, comment.id, comment.photo_id
""",
    f"""
SELECT one.followee_id, {Kind.FOLLOW:d}, MIN(one.id - one.id % {DAY_OF_IDS}), NULL, MAX(one.id)
FROM accounts_follow one
WHERE one.id > 0 GROUP BY one.followee_id, one.id - one.id % {DAY_OF_IDS}
""",
)


def fill() -> None:
    """Insert the notifications of likes, comments and follows that have none. Five statements.

    Each reads all of its table. Part of a transaction that has inserted them in bulk.
    """
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        for rows in _ROWS:
            cursor.execute(_INTO + rows.strip() + _ONCE)


def delete_left_over() -> int:
    """Delete notifications that are old, or whose recipient or photo is gone; return how many.

    The database has no foreign keys for them. Costs one read of all of them.
    """
    people = User.objects.filter(pk=OuterRef("recipient_id"))
    photos = Photo.objects.filter(pk=OuterRef("photo_id"))
    now = timezone.now()
    old = Notification.objects.filter(latest__lt=id_at(now - KEPT))
    nobodys = Notification.objects.filter(~Exists(people))
    of_nothing = Notification.objects.filter(~Exists(photos), photo_id__isnull=False)
    TakenBack.objects.filter(taken_at__lt=id_at(now - timedelta(days=1))).delete()
    return sum(rows.delete()[0] for rows in (old, nobodys, of_nothing))
