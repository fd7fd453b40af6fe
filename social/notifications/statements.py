"""The statements that notify: what they have in common, and their parts in those of causes.

A like, a comment or a follow is one statement of PostgreSQL, and the notification is a part of it:
it costs no further round trip, and there is not one without the other.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.models import Mute, User
from minigram_site.db import compiled_sql
from photos.models import Photo
from social.notifications.causes import DAY_OF_IDS, heard
from social.notifications.kinds import Kind

# What is taken back and done again within so many ids (a day) tells nobody again.
WINDOW = DAY_OF_IDS

MOVE = """
ON CONFLICT (recipient_id, kind, target_id) DO UPDATE SET latest = excluded.latest
WHERE excluded.latest > social_notification.latest RETURNING recipient_id
"""
INTO = "INSERT INTO social_notification (recipient_id, kind, target_id, photo_id, latest)"
NOT_AGAIN = """
AND NOT EXISTS (
    SELECT 1 FROM social_takenback back WHERE back.actor_id = {actor} AND back.kind = {kind}
    AND back.target_id = {thing} AND back.taken_at > {cause} - {window})
"""
_LIKE_PART = """,
told(recipient_id) AS (
    {into}
    SELECT photo.author_id, {kind}, photo.id, photo.id, $3::bigint
    FROM changed JOIN photos_photo photo ON photo.id = changed.photo_id, actor
    WHERE photo.author_id <> actor.id AND {heard} {not_again} {move})
"""
_UNLIKE_PART = """,
told(recipient_id) AS (
    INSERT INTO social_takenback (actor_id, kind, target_id, taken_at)
    SELECT actor.id, {kind}, changed.photo_id, $3::bigint FROM actor, changed
    ON CONFLICT (actor_id, kind, target_id) DO UPDATE SET taken_at = excluded.taken_at
    RETURNING NULL::bigint)
"""
# The author of the photo, unless it is they who are answered; and who is answered.
_COMMENT_PART = """,
told(recipient_id) AS (
    {into}
    SELECT photo.author_id, {comment}, photo.id, photo.id, $1::bigint
    FROM actor, written JOIN photos_photo photo ON photo.id = written.photo_id
    LEFT JOIN photos_comment parent ON parent.id = $5::bigint
    WHERE photo.author_id NOT IN (actor.id, COALESCE(parent.author_id, 0)) AND EXISTS ({heard})
    UNION ALL
    SELECT parent.author_id, {reply}, parent.id, parent.photo_id, $1::bigint
    FROM actor, written JOIN photos_comment parent ON parent.id = $5::bigint
    WHERE parent.author_id <> actor.id AND EXISTS ({heard_by_parent}) AND EXISTS ({seen})
    {move})
"""
# Parts of the statement of a follow: ``$1`` is the follower, ``$2`` whom they follow, ``$3`` the
# id of the follow, which ``written`` has.
_FOLLOW_PART = """,
told AS (
    {into}
    SELECT $2::bigint, {kind}, $3::bigint - $3::bigint % {day}, NULL, $3::bigint
    FROM written WHERE EXISTS ({heard}) {not_again} {move})
"""
_ACCEPTED_PART = """,
told AS (
    {into}
    SELECT $1::bigint, {kind}, $2::bigint, NULL, $3::bigint
    FROM written WHERE EXISTS ({heard}) {move})
"""


def like_part(*, seen: bool) -> str:
    """Return the part of a like that tells the author of the photo. No query.

    Where ``seen`` tells that the statement has asked whether the actor sees the photo, neither is
    suspended and no block is between them, and a mute is all that is left to be asked.
    """
    people = ["photo.author_id", "actor.id"]
    heard = f"EXISTS ({compiled_sql(hears, people)})"
    if seen:
        heard = f"NOT EXISTS ({compiled_sql(mutes, people)} LIMIT 1 OFFSET 0)"
    places = {"actor": "actor.id", "kind": int(Kind.LIKE), "cause": "$3::bigint"}
    return _LIKE_PART.format(
        into=INTO,
        kind=int(Kind.LIKE),
        heard=heard,
        not_again=NOT_AGAIN.format(**places, thing="photo.id", window=WINDOW).strip(),
        move=MOVE.strip(),
    ).rstrip()


def unlike_part() -> str:
    """Return the part of the end of a like that remembers it. No query."""
    return _UNLIKE_PART.format(kind=int(Kind.LIKE)).rstrip()


def comment_part() -> str:
    """Return the part of a comment that tells the author of the photo, and of what it answers."""
    return _COMMENT_PART.format(
        into=INTO,
        comment=int(Kind.COMMENT),
        reply=int(Kind.REPLY),
        heard=compiled_sql(hears, ["photo.author_id", "actor.id"]),
        heard_by_parent=compiled_sql(hears, ["parent.author_id", "actor.id"]),
        seen=compiled_sql(sees, ["parent.author_id", "parent.photo_id"]),
        move=MOVE.strip(),
    ).rstrip()


def follow_part(kind: Kind) -> str:
    """Return what is put into the one statement of a follow on PostgreSQL. No query.

    ``kind`` is ``FOLLOW``, which tells whom it is about, or ``ACCEPTED``, which tells the follower.
    """
    heard_places = ["$2::bigint", "$1::bigint"]
    if kind == Kind.ACCEPTED:
        text, heard_places = _ACCEPTED_PART, ["$1::bigint", "$2::bigint"]
    else:
        text = _FOLLOW_PART
    places = {"actor": "$1::bigint", "thing": "$2::bigint", "cause": "$3::bigint"}
    return text.format(
        into=INTO,
        kind=int(kind),
        day=DAY_OF_IDS,
        heard=compiled_sql(hears, heard_places),
        not_again=NOT_AGAIN.format(kind=int(kind), window=WINDOW, **places).strip(),
        move=MOVE.strip(),
    ).rstrip()


def hears(recipient_id: int, actor_id: int) -> QuerySet[User, Any]:
    """Return the query for somebody of whose acts ``recipient_id`` is told: one row, or none."""
    people = User.objects.filter(heard(User(pk=recipient_id)), pk=actor_id)
    return people.values_list("pk")


def mutes(recipient_id: int, actor_id: int) -> QuerySet[Mute, Any]:
    """Return the query for the mute by which ``recipient_id`` hears nothing of ``actor_id``."""
    return Mute.objects.active().filter(muter=recipient_id, muted=actor_id).values_list("pk")


def sees(recipient_id: int, photo_id: int) -> QuerySet[Photo, Any]:
    """Return the query for a photo that ``recipient_id`` may see: one row, or none."""
    return Photo.objects.visible_to(User(pk=recipient_id)).filter(pk=photo_id).values_list("pk")
