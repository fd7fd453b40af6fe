"""A hundred thousand rows of everything that grows, in seconds: for the tests of query plans.

Person n has the id n, ``user<n>`` is their name. Person 1 follows 500 people, has 5,000 followers
and 2,000 photos; photo 1 is theirs and has 5,000 likes and comments. Person 5 follows 50 tags.
Photo n has the id ``photo_id(n)``: smaller ids are those of photos from elsewhere.
"""

from __future__ import annotations

from django.db import connection, transaction

from minigram_site.fields.snowflake import MADE_HERE_FROM as PHOTO

PEOPLE = 20_000
ROWS = 100_000
FAMED = 5_000

_STATEMENTS = (  # numbers of rows are put into the texts, nothing else
    # Foreign keys are true by construction; checking each takes longer than inserting.
    "SET LOCAL session_replication_role = replica",
    "SET LOCAL statement_timeout = 0",
    f"""
    INSERT INTO accounts_user (id, username, email, password, is_superuser, is_staff, is_active,
        is_private, display_name, bio, website, avatar, auth_version)
    SELECT n, 'user' || n, 'user' || n || '@example.org', '!', false, false, true,
        n % 10 = 0, '', '', '', '[]', 1 FROM generate_series(1, {PEOPLE}) n
    """,
    "INSERT INTO accounts_userstats SELECT id, 5, 5, 5 FROM accounts_user",
    f"""
    INSERT INTO photos_photo (id, author_id, caption, alt_text, width, height, placeholder,
        original, renditions, more, preview, show_camera, camera)
    SELECT {PHOTO} + n, CASE WHEN n % 50 = 1 THEN 1 ELSE n % {PEOPLE} + 1 END, 'caption', '', 400,
        300, '', 'originals/' || n, '[[320, 240, "photos/x.webp"]]', '[]', '', false, '{{}}'
    FROM generate_series(1, {ROWS}) n
    """,
    "INSERT INTO photos_photostats SELECT id, 1, 1 FROM photos_photo",
    f"""
    INSERT INTO photos_like (id, user_id, photo_id)
    SELECT n, n % {PEOPLE} + 1, {PHOTO} + CASE WHEN n <= {FAMED} THEN 1 ELSE n END
    FROM generate_series(1, {ROWS}) n
    """,
    f"""
    INSERT INTO photos_comment (id, author_id, photo_id, text)
    SELECT n, n % {PEOPLE} + 1, {PHOTO} + CASE WHEN n <= {FAMED} THEN 1 ELSE n END, 'fine'
    FROM generate_series(1, {ROWS}) n
    """,
    f"""
    INSERT INTO photos_comment (id, author_id, photo_id, parent_id, text)
    SELECT {ROWS} + n, n % {PEOPLE} + 1, {PHOTO} + 1,
        CASE WHEN n % 3 = 0 THEN 2 ELSE n % {FAMED} + 1 END, 'yes'
    FROM generate_series(1, {FAMED}) n
    """,
    f"UPDATE photos_comment SET reply_count = 1 WHERE photo_id = {PHOTO} + 1 AND parent_id IS NULL",
    "INSERT INTO photos_tag SELECT n, 'tag' || n FROM generate_series(2, 2000) n",
    "INSERT INTO photos_tag VALUES (1, 'sea')",
    f"""
    INSERT INTO photos_phototag (id, photo_id, tag_id)
    SELECT n, {PHOTO} + n, CASE WHEN n % 7 = 0 THEN 1 ELSE n % 1999 + 2 END
    FROM generate_series(1, {ROWS}) n
    """,
    f"""
    INSERT INTO photos_commentlike (id, user_id, comment_id)
    SELECT n, n % {PEOPLE} + 1, CASE WHEN n <= {FAMED} THEN 2 ELSE n END
    FROM generate_series(1, {ROWS}) n
    """,
    f"""
    INSERT INTO accounts_follow (id, follower_id, followee_id)
    SELECT n, CASE WHEN n <= 500 THEN 1 WHEN n <= {FAMED} THEN n ELSE n % {PEOPLE} + 1 END,
        CASE WHEN n <= 500 THEN n + 1 WHEN n <= {FAMED} THEN 1
             ELSE (n + n / {PEOPLE} * 7) % {PEOPLE} + 2 END
    FROM generate_series(1, {ROWS}) n ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO accounts_block (id, blocker_id, blocked_id)
    SELECT n, n + 600, n + 10000 FROM generate_series(1, 5000) n
    """,
    """
    INSERT INTO accounts_mute (id, muter_id, muted_id)
    SELECT n, n % 50 * 100 + 1, n + 10000 FROM generate_series(1, 5000) n
    """,
    """
    INSERT INTO accounts_hiddensuggestion (id, user_id, person_id)
    SELECT n, n % 50 * 100 + 1, n + 10000 FROM generate_series(1, 5000) n
    """,
    f"""
    INSERT INTO social_feedentry (owner_id, photo_id, author_id)
    SELECT follow.follower_id, photo.id, photo.author_id
    FROM accounts_follow follow JOIN photos_photo photo ON photo.author_id = follow.followee_id
    WHERE follow.followee_id > 1 LIMIT {ROWS}
    """,
    """
    INSERT INTO social_notification (recipient_id, kind, target_id, photo_id, latest)
    SELECT author_id, 1, id, id, id FROM photos_photo
    """,
    """
    INSERT INTO social_notification (recipient_id, kind, target_id, photo_id, latest)
    SELECT author_id, 4, id, photo_id, id FROM photos_comment
    """,
    f"""
    INSERT INTO social_savedphoto (id, user_id, photo_id)
    SELECT n, CASE WHEN n <= {FAMED} THEN 700 ELSE n % {PEOPLE} + 1 END, {PHOTO} + n
    FROM generate_series(1, {ROWS}) n ON CONFLICT DO NOTHING
    """,
    f"""
    INSERT INTO social_album (id, owner_id, title, text, visibility)
    SELECT n, CASE WHEN n <= 200 THEN 1 ELSE n END, 'album', '', 'everybody'
    FROM generate_series(1, {PEOPLE}) n
    """,
    f"""
    INSERT INTO social_albumentry (id, album_id, photo_id, added_by_id, rank)
    SELECT n, CASE WHEN n <= 1000 THEN 1 ELSE n % {PEOPLE} + 1 END, {PHOTO} + n, 1, -n
    FROM generate_series(1, {ROWS}) n
    """,
    f"""
    INSERT INTO social_albummember (id, album_id, user_id, accepted)
    SELECT n, n, CASE WHEN n % 7 = 0 THEN 700 ELSE n % {PEOPLE} + 1 END, n % 2 = 0
    FROM generate_series(1, {PEOPLE}) n
    """,
    f"""
    INSERT INTO social_sharelink (id, sharer_id, album_id, token_hash, password, ends_at)
    SELECT n, n, n, md5(n::text), '', now() + interval '1 day' FROM generate_series(1, {PEOPLE}) n
    """,
    # What leads to album 1 by the token "plans".
    f"""
    INSERT INTO social_sharelink (id, sharer_id, album_id, token_hash, password, ends_at)
    VALUES ({PEOPLE} + 1, 1, 1, encode(sha256('plans'), 'hex'), '', now() + interval '1 day')
    """,
    f"INSERT INTO social_feed SELECT n, 0 FROM generate_series(1, {PEOPLE}) n WHERE n <> 2",
    "INSERT INTO social_followedtag SELECT n, 5, n FROM generate_series(1, 50) n",
    "UPDATE social_feed SET follows_tags = true WHERE owner_id = 5",
    "INSERT INTO social_exploresnapshot SELECT n, -n, '[]' FROM generate_series(1, 40) n",
    f"""
    INSERT INTO social_exploreplace (snapshot_id, rank, photo_id)
    SELECT snapshot, place, {PHOTO} + place * 97
    FROM generate_series(1, 40) snapshot, generate_series(1, 500) place
    """,
    f"""
    INSERT INTO social_import
        (id, owner_id, reason, reason_name, name, size, part_size, source, state, ends_at)
    SELECT n, n, '', '', 'archive.zip', 1, 1, '', 'done', now() + interval '1 day'
    FROM generate_series(1, {PEOPLE}) n
    """,
    f"""
    INSERT INTO social_importrefusal (id, of_id, name, code)
    SELECT n, CASE WHEN n <= {FAMED} THEN 700 ELSE n % {PEOPLE} + 1 END, 'film.mp4', 'video'
    FROM generate_series(1, {ROWS}) n
    """,
    # The bins: person 700 has 1,000 of each.
    f"""
    INSERT INTO photos_photo (id, author_id, caption, alt_text, width, height, placeholder,
        original, renditions, more, preview, show_camera, camera, hidden)
    SELECT {PHOTO} + {ROWS} + n, CASE WHEN n <= 1000 THEN 700 ELSE n END, 'gone', '', 400, 300,
        '', 'originals/' || n, '[[320, 240, "photos/x.webp"]]', '[]', '', false, '{{}}', true
    FROM generate_series(1, {PEOPLE}) n
    """,
    f"""
    INSERT INTO photos_photostats
    SELECT {PHOTO} + {ROWS} + n, 1, 1 FROM generate_series(1, {PEOPLE}) n
    """,
    f"""
    INSERT INTO photos_removal (id, photo_id, owner_id, by, purge_at)
    SELECT n, {PHOTO} + {ROWS} + n, CASE WHEN n <= 1000 THEN 700 ELSE n END, 'author',
        now() + interval '1 day' FROM generate_series(1, {PEOPLE}) n
    """,
    f"""
    INSERT INTO photos_deletedcomment (id, comment_id, photo_id, author_id, by_id, text)
    SELECT n, 3 * {ROWS} + n, {PHOTO} + n, n % {PEOPLE} + 1,
        CASE WHEN n <= 1000 THEN 700 WHEN n > 2000 THEN n END, 'gone'
    FROM generate_series(1, {PEOPLE}) n
    """,
    f"""
    INSERT INTO social_album (id, owner_id, title, text, visibility, bin_id)
    SELECT {PEOPLE} + n, CASE WHEN n <= 1000 THEN 700 ELSE n END, 'gone', '', 'everybody', n
    FROM generate_series(1, {PEOPLE}) n
    """,
    # What there is of doors, log-ins and moderation: person 700 has 500 of each.
    f"""
    INSERT INTO accounts_login (id, user_id, how)
    SELECT n, CASE WHEN n <= 500 THEN 700 ELSE n END, 'password'
    FROM generate_series(1, {PEOPLE}) n
    """,
    f"""
    INSERT INTO accounts_invitation (id, inviter_id, code, expires_at)
    SELECT n, CASE WHEN n <= 500 THEN 700 ELSE n END, 'code' || n, now() + interval '1 day'
    FROM generate_series(1, {PEOPLE}) n
    """,
    f"""
    INSERT INTO social_moderationcase (id, kind, target_id, person_id, person_name)
    SELECT n, 'photo', n, n, 'user' || n FROM generate_series(1, {PEOPLE}) n
    """,
    f"""
    INSERT INTO social_decision (id, case_id, person_id, moderator_id, moderator_name, verb, reason,
        appeal_words)
    SELECT n, n, CASE WHEN n <= 500 THEN 700 ELSE n END, 1, 'user1', 'warn', 'Because.', ''
    FROM generate_series(1, {PEOPLE}) n
    """,
    f"""
    INSERT INTO accounts_apisession (id, user_id, token_id, expires_at)
    SELECT n, n, repeat('t', 20) || n, now() + interval '60 days'
    FROM generate_series(1, {PEOPLE}) n
    """,
    f"""
    INSERT INTO django_session (session_key, session_data, expire_date)
    SELECT md5(n::text), 'x', now() + interval '30 days' FROM generate_series(1, {PEOPLE}) n
    """,
    "SET LOCAL session_replication_role = origin",
    "ANALYZE",
)


def photo_id(number: int) -> int:
    """Return the id of a photo."""
    return PHOTO + number


def insert() -> None:
    """Insert all of it."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _STATEMENTS:
            cursor.execute(statement)


def delete() -> None:
    """Delete all of it, and whatever refers to it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE accounts_user, django_session, social_feedentry, social_notification, "
            "photos_tag, social_exploresnapshot, social_exploreplace CASCADE"
        )
        cursor.execute("ANALYZE")
