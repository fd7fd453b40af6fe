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
    """
SELECT photo.author_id, %(like)s, photo.id, photo.id, MAX(one.id)
FROM photos_like one JOIN photos_photo photo ON photo.id = one.photo_id
WHERE one.user_id <> photo.author_id GROUP BY photo.author_id, photo.id
""",
    """
SELECT photo.author_id, %(comment)s, photo.id, photo.id, MAX(one.id)
FROM photos_comment one JOIN photos_photo photo ON photo.id = one.photo_id
LEFT JOIN photos_comment parent ON parent.id = one.parent_id
WHERE one.author_id <> photo.author_id AND COALESCE(parent.author_id, 0) <> photo.author_id
GROUP BY photo.author_id, photo.id
""",
    """
SELECT parent.author_id, %(reply)s, parent.id, parent.photo_id, MAX(one.id)
FROM photos_comment one JOIN photos_comment parent ON parent.id = one.parent_id
WHERE one.author_id <> parent.author_id GROUP BY parent.author_id, parent.id, parent.photo_id
""",
    """
SELECT comment.author_id, %(comment_like)s, comment.id, comment.photo_id, MAX(one.id)
FROM photos_commentlike one JOIN photos_comment comment ON comment.id = one.comment_id
WHERE one.user_id <> comment.author_id
GROUP BY comment.author_id, comment.id, comment.photo_id
""",
    """
SELECT one.followee_id, %(follow)s, MIN(one.id - one.id %% %(day)s), NULL, MAX(one.id)
FROM accounts_follow one
WHERE one.id > 0 GROUP BY one.followee_id, one.id - one.id %% %(day)s
""",
)


_VALUES = {"day": DAY_OF_IDS, **{kind.code: int(kind) for kind in Kind}}


def fill() -> None:
    """Insert the notifications of likes, comments and follows that have none. Five statements.

    Each reads all of its table. Part of a transaction that has inserted them in bulk.
    """
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        for rows in _ROWS:
            cursor.execute(f"{_INTO}{rows}{_ONCE}", _VALUES)


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
