"""The ranking of the popular photos: by recent interest.

The interest in a photo is the sum over the people who liked it or commented on it, its author left
out, of

    0.5 ** (age / 24 h)

where the age is that of the latest thing that the person did there, in whole hours. So interest
halves with each day, and a person counts once. It is exponential decay as for streams (G. Cormode,
V. Shkapenyuk, D. Srivastava, B. Xu, "Forward Decay: A Practical Time Decay Model for Streaming
Systems", ICDE 2009): ages are counted from the latest deed anywhere instead of from now, as only
ratios matter, and so a site that was quiet for a year has an order, too.

Of one author each further photo counts half of the one before, or one busy person would fill the
page. Photos without interest follow, the newest first. Equal ones are ordered by id.

The database counts people per photo and hour, in whole numbers; everything after that is computed
here, in an order that no database decides, so that SQLite and PostgreSQL rank alike.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from math import fsum

from django.db import connections

from minigram_site.db import compiled_sql, fetch_compiled, read_alias
from minigram_site.fields.snowflake import TIME_SHIFT
from social.explore.popular import public_photo
from social.explore.sql import recent_photos

# Photos in a ranking.
LISTED = 500
# Likes that are looked at, and comments: the newest of each.
MOST_DEEDS = 20_000
HALF_LIFE_HOURS = 24

# Photo, author, hour of the latest deed of each person there, and how many people. What belongs to
# a row is looked up for it alone (``OFFSET 0``), as only few photos are asked for.
_INTEREST = """
WITH deeds(photo_id, user_id, id) AS (
    SELECT * FROM (
        SELECT photo_id, user_id, id FROM photos_like ORDER BY id DESC LIMIT %(most)s) liked
    UNION ALL
    SELECT * FROM (
        SELECT photo_id, author_id, id FROM photos_comment WHERE author_id IS NOT NULL
        ORDER BY id DESC LIMIT %(most)s) said),
latest AS (SELECT photo_id, user_id, MAX(id) AS id FROM deeds GROUP BY photo_id, user_id),
counted AS (
    SELECT photo_id, (id >> {shift}) / 3600000 AS hour, COUNT(*) AS people FROM latest
    WHERE EXISTS (
        SELECT 1 FROM accounts_user person
        WHERE person.id = latest.user_id AND person.is_active AND NOT person.is_limited
        LIMIT 1 OFFSET 0)
    AND NOT EXISTS (
        SELECT 1 FROM photos_photo photo
        WHERE photo.id = latest.photo_id AND photo.author_id = latest.user_id
        LIMIT 1 OFFSET 0)
    GROUP BY photo_id, (id >> {shift}) / 3600000)
SELECT counted.photo_id, (
    SELECT photo.author_id FROM photos_photo photo WHERE photo.id = counted.photo_id
    ), counted.hour, counted.people
FROM counted WHERE EXISTS ({public} LIMIT 1 OFFSET 0)
"""

# Photo, author, hour, number of people.
Row = tuple[int, int, int, int]


def ranked() -> list[int]:
    """Return the ids of the most popular public photos, ``LISTED`` of them, the first first.

    Two queries, which look at ``MOST_DEEDS`` likes, as many comments and ``LISTED`` photos.
    """
    popular = order(_interest())[:LISTED]
    known = set(popular)
    newest = fetch_compiled(("newest", LISTED), lambda: recent_photos(None, None)[:LISTED], [])
    return [*popular, *(photo for (photo,) in newest if photo not in known)][:LISTED]


def order(rows: Iterable[Row]) -> list[int]:
    """Return the photos of these rows (photo, author, hour, people) by their interest."""
    rows = list(rows)
    latest = max((hour for _, _, hour, _ in rows), default=0)
    parts: dict[int, list[float]] = defaultdict(list)
    authors = {}
    for photo, author, hour, people in rows:
        parts[photo].append(people * 0.5 ** ((latest - hour) / HALF_LIFE_HOURS))
        authors[photo] = author
    interest = {photo: fsum(found) for photo, found in parts.items()}
    before: Counter[int] = Counter()
    damped = []
    for photo in sorted(interest, key=lambda photo: (interest[photo], photo), reverse=True):
        damped.append((interest[photo] * 0.5 ** before[authors[photo]], photo))
        before[authors[photo]] += 1
    return [photo for _, photo in sorted(damped, reverse=True)]


def _interest() -> list[Row]:
    statement = _INTEREST.format(
        shift=TIME_SHIFT, public=compiled_sql(public_photo, ["counted.photo_id"])
    )
    with connections[read_alias()].cursor() as cursor:
        cursor.execute(statement, {"most": MOST_DEEDS})
        return list(cursor.fetchall())
