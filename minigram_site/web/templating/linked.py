"""The template filter that makes links of what a text names, and where they lead."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import orjson
from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from minigram_site.fields.entities import LINK, TAG, Entity, address_of
from minigram_site.fields.snowflake import encode

register = template.Library()


def entities_in(stored: str | list[Any]) -> list[Entity]:
    """Return the entities of a text as its column holds them: JSON, or what that says."""
    if stored == "[]":
        return []
    rows = orjson.loads(stored) if isinstance(stored, str) else stored
    return [Entity(*row) for row in rows]


def path_of(text: str, entity: Entity) -> str:
    """Return where an entity of ``text`` leads: an address, or a path of the site.

    A person is found by id, under whatever name they have when the link is followed.
    """
    if entity.kind == LINK:
        return address_of(text, entity)
    if entity.kind == TAG:
        return path_of_tag(entity.value)
    return f"/people/{encode(int(entity.value))}/"


def path_of_tag(key: str) -> str:
    """Return the path of a tag's page."""
    return f"/tags/{quote(key)}/"


@register.filter
def linked(text: str, stored: str | list[Any]) -> SafeString:
    """Return ``text`` as HTML: escaped, line breaks kept, with links on what it names.

    ``stored`` are its entities as ``entities_in`` takes them, in their order.
    """
    parts = []
    position = 0
    for entity in entities_in(stored):
        shown = text[entity.start : entity.end]
        parts += [escape(text[position : entity.start]), _anchor(text, entity, shown)]
        position = entity.end
    parts.append(escape(text[position:]))
    return mark_safe("".join(parts).replace("\n", "<br>"))  # noqa: S308 - each part is escaped


def _anchor(text: str, entity: Entity, shown: str) -> SafeString:
    address = path_of(text, entity)
    if entity.kind == LINK:
        return format_html('<a href="{}" rel="nofollow noopener ugc">{}</a>', address, shown)
    return format_html('<a href="{}">{}</a>', address, shown)
