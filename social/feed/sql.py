"""The SQL of the home feed, where the ORM cannot say it: "the newest few of each of many".

Every text takes the parameters ``me`` (the owner), ``at`` (the edge of the page) and ``limit``.
Both databases run the same statements but for one join: PostgreSQL has ``LATERAL``, SQLite
reads the same rows through a correlated ``IN``. ``OFFSET 0`` is
``minigram_site.db.IndexProbe``: what belongs to a row is looked up for it alone; PostgreSQL
never reads that whole table first.

Whom the owner mutes is the one thing that does not depend on a row. It is asked once for each
statement, by one look into an index that mostly finds nothing, and compared with each author: so
nobody pays a statement for it, and a page without them is full. PostgreSQL compares with an array,
which is made when the first author is compared, and never where there is nobody; a list, as SQLite
has it, would be a table of hashes.
"""

from __future__ import annotations

from functools import cache

from minigram_site.fields.snowflake import MADE_HERE_FROM
from minigram_site.web.pagination import Cursor

# What somebody has brought along from elsewhere has smaller ids, and is in no feed: it is not new.
FIRST = str(MADE_HERE_FROM)

FAN_OUT = """
INSERT INTO social_feedentry (owner_id, photo_id, author_id)
SELECT follower_id, %(photo)s, %(author)s FROM accounts_follow WHERE followee_id = %(author)s
UNION ALL SELECT %(author)s, %(photo)s, %(author)s
ON CONFLICT DO NOTHING
"""

# Of one author, into a feed that is there.
ADD_AUTHOR = """
INSERT INTO social_feedentry (owner_id, photo_id, author_id)
SELECT %(me)s, id, author_id FROM photos_photo
WHERE author_id = %(author)s AND NOT hidden AND NOT archived
AND id >= __FIRST__
AND EXISTS (SELECT 1 FROM social_feed WHERE owner_id = %(me)s)
ORDER BY id DESC LIMIT %(limit)s
ON CONFLICT DO NOTHING
""".replace("__FIRST__", FIRST)

# Keeps the newest ``kept`` entries of a feed, and notes where it now ends. PostgreSQL only.
TRIM = """
WITH edge(photo_id) AS (
    SELECT photo_id FROM social_feedentry WHERE owner_id = %(me)s
    ORDER BY photo_id DESC LIMIT 2 OFFSET %(kept)s - 1),
floor(photo_id) AS (SELECT MAX(photo_id) FROM edge HAVING COUNT(*) = 2),
raised AS (
    UPDATE social_feed feed SET complete_from = GREATEST(feed.complete_from, floor.photo_id)
    FROM floor WHERE feed.owner_id = %(me)s)
DELETE FROM social_feedentry entry USING floor
WHERE entry.owner_id = %(me)s AND entry.photo_id < floor.photo_id
"""

# The newest ``kept`` entries of everyone whose id is between ``first`` and ``last``.
FILL = """
INSERT INTO social_feedentry (owner_id, photo_id, author_id)
SELECT owner_id, photo_id, author_id FROM (
    SELECT link.owner_id, photo.id AS photo_id, photo.author_id,
        ROW_NUMBER() OVER (PARTITION BY link.owner_id ORDER BY photo.id DESC) AS place
    FROM (
        SELECT follower_id AS owner_id, followee_id AS author_id FROM accounts_follow
        WHERE follower_id BETWEEN %(first)s AND %(last)s
        UNION ALL
        SELECT id, id FROM accounts_user WHERE id BETWEEN %(first)s AND %(last)s
    ) link
    JOIN photos_photo photo ON photo.author_id = link.author_id
        AND NOT photo.hidden AND NOT photo.archived AND photo.id >= __FIRST__
) placed
WHERE place <= %(kept)s
ORDER BY owner_id, photo_id
ON CONFLICT DO NOTHING
""".replace("__FIRST__", FIRST)

# Whom the owner mutes now: ``Mute.objects.active_ids``, and a test compares the two.
MUTED = """
    SELECT mute.muted_id FROM accounts_mute mute
    WHERE mute.muter_id = %(me)s AND (mute.ends_at IS NULL OR mute.ends_at > CURRENT_TIMESTAMP)
"""

# In how many seconds the next of these mutes ends: until then a page stays as it is. PostgreSQL;
# elsewhere ``Mute.objects.seconds_to_end``.
SECONDS_TO_UNMUTED = """
    SELECT CAST(EXTRACT(EPOCH FROM MIN(mute.ends_at) - CURRENT_TIMESTAMP) AS double precision)
    FROM accounts_mute mute WHERE mute.muter_id = %(me)s AND mute.ends_at > CURRENT_TIMESTAMP
"""

_UNMUTED = {
    "postgresql": f"{{author}} <> ALL (ARRAY({MUTED}))",
    "sqlite": f"{{author}} NOT IN ({MUTED})",
}

_FOLLOWED = """
    SELECT follow.followee_id FROM accounts_follow follow
    WHERE follow.follower_id = %(me)s AND EXISTS (
        SELECT 1 FROM accounts_user person
        WHERE person.id = follow.followee_id AND person.is_active
        LIMIT 1 OFFSET 0)
    AND {unmuted}
    UNION ALL SELECT %(me)s
"""

_FAMOUS = """
    SELECT famous.user_id FROM social_famousauthor famous
    JOIN accounts_user person ON person.id = famous.user_id AND person.is_active
    WHERE famous.user_id = %(me)s OR (EXISTS (
        SELECT 1 FROM accounts_follow follow
        WHERE follow.follower_id = %(me)s AND follow.followee_id = famous.user_id
        LIMIT 1 OFFSET 0)
    AND {unmuted})
"""

# For each author some index entries, never their history. What is in no list is not stored either
# (``photos.hiding.listing``), and an index has it, so that pages are full at no cost.
_NEWEST_OF_EACH = {
    "postgresql": """
    SELECT newest.id FROM authors CROSS JOIN LATERAL (
        SELECT photo.id FROM photos_photo photo
        WHERE photo.author_id = authors.id AND photo.id {beyond} %(at)s
        AND NOT photo.hidden AND NOT photo.archived AND photo.id >= {first}
        ORDER BY photo.id {direction} LIMIT %(limit)s) newest
    ORDER BY newest.id {direction} LIMIT %(limit)s
    """,
    "sqlite": """
    SELECT newest.id FROM authors CROSS JOIN photos_photo newest
    WHERE newest.id IN (
        SELECT photo.id FROM photos_photo photo
        WHERE photo.author_id = authors.id AND photo.id {beyond} %(at)s
        AND NOT photo.hidden AND NOT photo.archived AND photo.id >= {first}
        ORDER BY photo.id {direction} LIMIT %(limit)s)
    ORDER BY newest.id {direction} LIMIT %(limit)s
    """,
}

_STORED = """
WITH authors(id) AS ({authors})
SELECT feed.complete_from, feed.follows_tags, page.id
FROM (SELECT 1) one
LEFT JOIN social_feed feed ON feed.owner_id = %(me)s
LEFT JOIN (
    SELECT id FROM (
        SELECT id FROM (
            SELECT entry.photo_id AS id FROM social_feedentry entry
            WHERE entry.owner_id = %(me)s AND entry.photo_id {beyond} %(at)s
            AND EXISTS (SELECT 1 FROM accounts_user person
                        WHERE person.id = entry.author_id AND person.is_active)
            AND (entry.author_id = %(me)s OR EXISTS (
                SELECT 1 FROM accounts_follow follow
                WHERE follow.follower_id = %(me)s AND follow.followee_id = entry.author_id
                LIMIT 1 OFFSET 0))
            AND {unmuted}
            ORDER BY entry.photo_id {direction} LIMIT %(limit)s) written
        UNION
        SELECT id FROM ({newest}) pulled
    ) merged
    ORDER BY id {direction} LIMIT %(limit)s
) page ON TRUE
ORDER BY page.id {direction}
"""


@cache
def pulled(vendor: str, *, backward: bool) -> str:
    """Return the query that defines the feed: ids of everyone followed, one column."""
    followed = _FOLLOWED.format(unmuted=_unmuted(vendor, "follow.followee_id"))
    return f"WITH authors(id) AS ({followed}) {_newest(vendor, backward=backward)}"


@cache
def famous(vendor: str) -> str:
    """Return the query for those whom the owner follows and who are merged; one column."""
    return _FAMOUS.format(unmuted=_unmuted(vendor, "famous.user_id"))


@cache
def stored(vendor: str, *, backward: bool) -> str:
    """Return the query that reads the stored feed and merges the famous.

    Three columns: where the stored feed is complete from (null if nothing is known), whether its
    owner follows tags (``social.feed.tagged``), and the id (null if there is none); always at least
    one row.
    """
    return _STORED.format(
        authors=famous(vendor),
        unmuted=_unmuted(vendor, "entry.author_id"),
        newest=_newest(vendor, backward=backward),
        **_travel(backward=backward),
    )


def covers(floor: int, identifiers: list[int], cursor: Cursor | None, limit: int) -> bool:
    """Tell whether entries from ``floor`` upwards are all that this page can hold."""
    if floor == 0:
        return True
    if cursor is not None and cursor.backward:
        return cursor.position[0] >= floor
    return len(identifiers) == limit and identifiers[-1] >= floor


def _unmuted(vendor: str, author: str) -> str:
    return _UNMUTED[vendor].format(author=author)


def _newest(vendor: str, *, backward: bool) -> str:
    return _NEWEST_OF_EACH[vendor].format(first=FIRST, **_travel(backward=backward))


def _travel(*, backward: bool) -> dict[str, str]:
    return {"beyond": ">", "direction": "ASC"} if backward else {"beyond": "<", "direction": "DESC"}
