"""Search as the tests ask for it: typed text in, names and captions out."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from accounts.models import User, Viewer
from photos.models import Photo
from social import search

NOBODY = AnonymousUser()


def people(typed: str, viewer: Viewer = NOBODY, size: int = 20) -> list[str]:
    """Return the user names of the first page of people."""
    return [
        one.username for one in search.people_page(search.parse(typed), viewer, None, size).items
    ]


def suggested(typed: str, viewer: Viewer = NOBODY) -> list[str]:
    """Return the user names, then the tags, that are suggested."""
    query = search.parse(typed)
    found = [one.username for one in search.suggested_people(query, viewer, 6)]
    return found + [f"#{one.key}" for one in search.suggested_tags(query, viewer, 6)]


def tags(typed: str, viewer: Viewer = NOBODY) -> list[str]:
    """Return the first page of tags."""
    return [one.key for one in search.tags_page(search.parse(typed), viewer, None).items]


def captions(typed: str, viewer: Viewer = NOBODY) -> list[str]:
    """Return the captions of the first page of photos."""
    return [one.caption for one in search.photos_page(search.parse(typed), viewer, None).items]


def indexed(photo: Photo, word: str) -> bool:
    """Tell whether a photo is found by a word; its author asks, who sees it in any case."""
    owner = User.objects.get(pk=photo.author_id)
    page = search.photos_page(search.parse(word), owner, None)
    return photo.pk in [one.id for one in page.items]
