"""Writes that are one statement of PostgreSQL: a like or comment with the counters that follow.

The verbs are in ``photos.services``. In each statement the person is locked first, so that a
suspension comes before or after it and not in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import orjson
from django.db import DEFAULT_DB_ALIAS

from minigram_site.db import fetch_prepared
from photos.events import listener
from photos.models import Comment, Like

# A like or its end, and the counters that follow, as one statement of PostgreSQL. ``allowed`` is
# the query for user, photo, whether that user likes it, and how many do: no row, no change. What
# else follows from it (``photos.events``) is run last, when the counter is locked.
_CHANGE_LIKE = """
WITH actor(id) AS MATERIALIZED (
    SELECT id FROM accounts_user WHERE id = $1::bigint AND is_active FOR NO KEY UPDATE),
allowed(user_id, photo_id, liked, like_count) AS MATERIALIZED (
    SELECT one.* FROM actor, ({allowed}) one),
changed(photo_id) AS ({change}),
counted(like_count) AS (
    UPDATE photos_photostats stats SET like_count = stats.like_count + {step}
    FROM changed WHERE stats.photo_id = changed.photo_id RETURNING stats.like_count){further}
SELECT allowed.liked, allowed.like_count, (SELECT TRUE FROM changed), (SELECT * FROM counted),
    (SELECT recipient_id FROM told)
FROM allowed
"""
_INSERT_LIKE = """
INSERT INTO photos_like (id, user_id, photo_id)
SELECT $3::bigint, allowed.user_id, allowed.photo_id FROM allowed
ON CONFLICT (user_id, photo_id) DO NOTHING RETURNING photos_like.photo_id
"""
# The third parameter is that of an insert, which a delete does not need.
_DELETE_LIKE = """
DELETE FROM photos_like held USING allowed
WHERE held.user_id = allowed.user_id AND held.photo_id = allowed.photo_id
    AND $3::bigint IS NOT NULL RETURNING held.photo_id
"""
# The one query that asks nothing: the verb's, whose caller has asked.
ANYBODY = "SELECT $1::bigint, $2::bigint, NULL::boolean, NULL::integer"
_INSERT_COMMENT = """
WITH actor(id) AS MATERIALIZED (
    SELECT id FROM accounts_user WHERE id = $3::bigint AND is_active FOR NO KEY UPDATE),
written(photo_id) AS (
    INSERT INTO photos_comment (id, photo_id, author_id, text, parent_id, entities)
    SELECT $1::bigint, $2::bigint, actor.id, $4::text, $5::bigint, $6::jsonb FROM actor
    RETURNING photo_id){further}
UPDATE photos_photostats stats SET comment_count = stats.comment_count + 1
FROM written WHERE stats.photo_id = written.photo_id
RETURNING ARRAY(SELECT recipient_id FROM told)
""".strip()


class LikeChange(NamedTuple):
    """What one statement found and changed: liked and count before, and the count after.

    ``like_count`` is ``None`` where nothing has changed, or the photo was deleted meanwhile.
    ``told`` is who was told of it as news (``photos.events``).
    """

    was_liked: bool | None
    former_count: int | None
    changed: bool | None
    like_count: int | None
    told: int | None


def change_like(
    user_id: int, photo_id: int, *, liked: bool, allowed: str, further: Sequence[int]
) -> LikeChange | None:
    """Give or take back a like, and count it. One statement.

    ``allowed`` is a query for the columns user id, photo id, liked and like count, with at most
    one row: without a row nothing changes, and ``None`` is returned, as for a suspended user. It
    asks whether the user may see the photo, unless it is ``ANYBODY``. Its parameters are ``$1`` for
    the user, ``$2`` for the photo, and ``$4`` and on for ``further``. Raises Django's database
    errors.
    """
    statement = _like_statement(allowed, liked=liked)
    new_id = Like._meta.pk.get_default()
    parameters = (user_id, photo_id, new_id, *further)
    rows = fetch_prepared(DEFAULT_DB_ALIAS, statement, parameters)
    return LikeChange(*rows[0]) if rows else None


def insert_comment(written: Comment) -> list[int] | None:
    """Insert a comment and count it; return who was told of it as news. One statement.

    ``None`` if photo or author are not there. Without the photo the comment must not stay: roll the
    transaction back. Raises Django's database errors.
    """
    entities = orjson.dumps(written.entities).decode()
    parameters = (
        *(written.pk, written.photo_id, written.author_id),
        *(written.text, written.parent_id, entities),
    )
    written._state.adding, written._state.db = False, DEFAULT_DB_ALIAS
    rows = fetch_prepared(DEFAULT_DB_ALIAS, _comment_statement(), parameters)
    return list(rows[0][0]) if rows else None


@cache
def _comment_statement() -> str:
    return _INSERT_COMMENT.format(further=listener().comment_part())


@cache
def _like_statement(allowed: str, *, liked: bool) -> str:
    told = listener()
    return _CHANGE_LIKE.strip().format(
        allowed=allowed,
        change=_INSERT_LIKE if liked else _DELETE_LIKE,
        further=told.like_part(seen=allowed != ANYBODY) if liked else told.unlike_part(),
        step=1 if liked else -1,
    )
