"""Search: people, tags and photos by what was typed, one interface for both databases."""

from social.search.people import PERSON_KEYS, people_page, suggested_people
from social.search.photos import PHOTO_KEYS, photos_page
from social.search.tags import TAG_KEYS, FoundTag, suggested_tags, tags_page
from social.search.typed import MAX_LENGTH, InvalidQuery, Query, parse

__all__ = [
    "MAX_LENGTH",
    "PERSON_KEYS",
    "PHOTO_KEYS",
    "TAG_KEYS",
    "FoundTag",
    "InvalidQuery",
    "Query",
    "parse",
    "people_page",
    "photos_page",
    "suggested_people",
    "suggested_tags",
    "tags_page",
]
