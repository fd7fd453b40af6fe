"""The home feed: fan-out on write, with a pull for the famous and for what is not stored."""

from social.feed.cache import feed_dependency, invalidate_feed
from social.feed.service import (
    FAMOUS_FROM,
    KEPT_ENTRIES,
    add_author,
    famous_of,
    fan_out,
    feed_page,
    ids_page,
    news_of,
    pulled_ids,
    put_in,
    rebuild,
    remove_author,
    take_out,
    trim,
)
from social.feed.sql import covers

__all__ = [
    "FAMOUS_FROM",
    "KEPT_ENTRIES",
    "add_author",
    "covers",
    "famous_of",
    "fan_out",
    "feed_dependency",
    "feed_page",
    "ids_page",
    "invalidate_feed",
    "news_of",
    "pulled_ids",
    "put_in",
    "rebuild",
    "remove_author",
    "take_out",
    "trim",
]
