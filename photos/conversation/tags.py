"""The photos of a tag: those whose captions have it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, QuerySet

from accounts.models import Mute, User, Viewer, viewable
from minigram_site.db import fetch_compiled
from minigram_site.fields.entities import TAG
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, beyond, build_page
from minigram_site.web.templating.linked import entities_in
from photos.cards import PhotoCard, cards_of
from photos.models import PhotoTag


def tag_page(
    key: str, viewer: Viewer, cursor: Cursor | None, size: int = PAGE_SIZE
) -> Page[PhotoCard]:
    """Return a page of the photos with a tag that ``viewer`` may see, newest first. Two queries.

    Photos of limited people, and of those whom ``viewer`` mutes, are left out, as in explore.

    ``key`` is that of ``minigram_site.fields.entities.tag_key``. A tag that nobody uses, and one
    of photos that the viewer may not see, have the same empty page.
    """
    page = build_page(
        lambda at, limit: _photo_ids(key, viewer, at, limit), cursor, size, lambda pk: (pk,)
    )
    return page.with_items(cards_of(page.items, viewer))


def spelling_of(key: str, cards: list[PhotoCard]) -> str:
    """Return a tag as the first of these photos writes it, without its "#"; else the key."""
    for card in cards:
        for entity in entities_in(card.caption_entities):
            if entity.kind == TAG and entity.value == key:
                return card.caption[entity.start + 1 : entity.end]
    return key


def _photo_ids(key: str, viewer: Viewer, cursor: Cursor | None, limit: int) -> list[int]:
    known = viewer.pk is not None
    backward = cursor is not None and cursor.backward

    def build(name: Any, *values: int) -> QuerySet[Any, Any]:
        who: Viewer = User(pk=values[0]) if known else AnonymousUser()
        position = values[1:] if known else values
        at = Cursor(position, backward=backward) if cursor else None
        rows = PhotoTag.objects.filter(viewable(who, "photo__author__"), tag__key=name)
        rows = rows.filter(
            photo__hidden=False, photo__archived=False, photo__author__is_limited=False
        )
        if who.pk is not None:
            rows = rows.exclude(photo__author__in=Mute.objects.active_ids(who.pk))
        numbered = rows.annotate(number=F("photo_id"))
        return beyond(numbered, at, ("number",)).values_list("number")[:limit]

    values: list[int | str] = [key, *(cursor.position if cursor else ())]
    if viewer.pk is not None:
        values.insert(1, viewer.pk)
    found = fetch_compiled(("tag", known, backward, cursor is None, limit), build, values)
    return [row[0] for row in found]
