"""Trending tags: what many people use now.

The score of a tag is the sum over the people who published with it in the last seven days of

    0.5 ** (age / 24 h)

where the age is that of the newest such photo of the person, in whole hours. A person counts once,
however many photos they tag; a tag needs two people; only photos that everybody may see count, and
those of limited accounts do not. The decay is that of ``social.explore.ranking``; that people count
instead of uses is how Mastodon's trends keep one account from making a trend of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import fsum
from typing import NamedTuple

from django.db import connections

from minigram_site.db import compiled_sql, read_alias
from minigram_site.fields.snowflake import TIME_SHIFT, id_at
from minigram_site.web.templating.linked import path_of_tag
from social.explore.popular import public_photo
from social.explore.ranking import HALF_LIFE_HOURS

WINDOW = timedelta(days=7)
# Tags of photos that are looked at: the newest.
MOST_USES = 20_000
# How many tags there are, and how many people one needs.
LISTED = 20
PEOPLE = 2

# Tag, hour of the newest photo of each person, and how many people.
_USED = """
WITH used AS (
    SELECT tagged.tag_id, tagged.photo_id, (
        SELECT photo.author_id FROM photos_photo photo WHERE photo.id = tagged.photo_id
        ) AS author_id
    FROM (
        SELECT tag_id, photo_id FROM photos_phototag WHERE photo_id > %(since)s
        ORDER BY photo_id DESC LIMIT %(most)s) tagged
    WHERE EXISTS ({public} LIMIT 1 OFFSET 0)),
latest AS (SELECT tag_id, MAX(photo_id) AS id FROM used GROUP BY tag_id, author_id),
counted AS (
    SELECT tag_id, (id >> {shift}) / 3600000 AS hour, COUNT(*) AS people FROM latest
    GROUP BY tag_id, (id >> {shift}) / 3600000)
SELECT (SELECT tag.key FROM photos_tag tag WHERE tag.id = counted.tag_id), hour, people
FROM counted
"""


class TrendingTag(NamedTuple):
    """A tag and how many people published with it lately."""

    key: str
    people: int

    @property
    def url(self) -> str:
        """The path of the tag's page."""
        return path_of_tag(self.key)


def compute(now: datetime) -> list[TrendingTag]:
    """Return the trending tags, the first first. One query, of the newest ``MOST_USES`` tags."""
    since = id_at(now - WINDOW)
    statement = _USED.format(
        shift=TIME_SHIFT, public=compiled_sql(public_photo, ["tagged.photo_id"])
    )
    with connections[read_alias()].cursor() as cursor:
        cursor.execute(statement, {"since": since, "most": MOST_USES})
        return in_order(cursor.fetchall())


def in_order(rows: Sequence[tuple[str, int, int]]) -> list[TrendingTag]:
    """Return the tags of these rows (key, hour, people) by their score, the first first."""
    latest = max((hour for _, hour, _ in rows), default=0)
    parts: dict[str, list[float]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    for key, hour, people in rows:
        parts[key].append(people * 0.5 ** ((latest - hour) / HALF_LIFE_HOURS))
        counts[key] += people
    scores = {key: fsum(found) for key, found in parts.items() if counts[key] >= PEOPLE}
    order = sorted(scores, key=lambda key: (-scores[key], key))
    return [TrendingTag(key, counts[key]) for key in order[:LISTED]]
