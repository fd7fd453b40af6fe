"""The template tag for fragments that are rendered once for the values they show.

A photo's card is the same for everybody but for a few values, and shown to many: Django's template
engine takes half a millisecond for it, looking it up takes microseconds. Nothing has to be
invalidated, because the key is everything that the fragment can see.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Hashable

from django import template
from django.template import Context
from django.template.context import RequestContext
from django.utils.safestring import SafeString, mark_safe

from minigram_site.memory_cache import BoundedCache

register = template.Library()

# Bytes of rendered fragments that a process keeps, with their keys: about four thousand cards.
MAX_BYTES = 16_000_000
# What an entry takes beside its text and its values.
_ENTRY_BYTES = 500
# Stands in kept fragments for the token against request forgery, which is each viewer's own.
_TOKEN = f"token-{secrets.token_hex(16)}"


def size_of(html: str) -> int:
    """Return the bytes of a fragment and its key, whose values it shows: as long again."""
    return 2 * sys.getsizeof(html) + _ENTRY_BYTES


rendered_fragments: BoundedCache[Hashable, str] = BoundedCache(MAX_BYTES, size_of)


@register.simple_tag(takes_context=True)
def fragment(context: RequestContext, template_name: str, **values: Hashable) -> SafeString:
    """Return the template ``template_name`` rendered with ``values``, and with nothing else.

    Values are compared to find a fragment again, so they have to be immutable; ``TypeError`` is
    raised for others. The template sees no variable of the page around it, and must show nothing
    that changes without them, such as the time that has passed. ``{% csrf_token %}`` works: the
    token is put in when the fragment is sent.
    """
    key = (template_name, *values.items())
    html = rendered_fragments.get(key)
    if html is None:
        found = context.template.engine.get_template(template_name)  # type: ignore[union-attr]
        html = found.render(Context({**values, "csrf_token": _TOKEN}))
        rendered_fragments.put(key, html)
    if _TOKEN in html:
        html = html.replace(_TOKEN, str(context.get("csrf_token", "")))
    return mark_safe(html)  # noqa: S308 - rendered by the engine, which has escaped it
