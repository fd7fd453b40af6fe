"""The template tag for fragments that are rendered once for the values they show.

A photo's card is the same for everybody but for a few values, and shown to many: Django's template
engine takes half a millisecond for it, looking it up takes microseconds. Nothing has to be
invalidated, because the key is everything that the fragment can see.
"""

from __future__ import annotations

import secrets
import sys
import threading
from collections import OrderedDict
from collections.abc import Hashable

from django import template
from django.template import Context
from django.template.context import RequestContext
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# Bytes of rendered fragments that a process keeps: about four thousand cards.
MAX_BYTES = 16_000_000
# Stands in kept fragments for the token against request forgery, which is each viewer's own.
_TOKEN = f"token-{secrets.token_hex(16)}"


class RenderedFragments:
    """Rendered fragments by what they show, at most ``max_bytes``; those unused longest go first.

    For all threads of a process.
    """

    def __init__(self, max_bytes: int) -> None:
        """Start empty."""
        self.max_bytes = max_bytes
        self.used_bytes = 0
        self._rendered: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> str | None:
        """Return the fragment of ``key``, if it is kept. Raises ``TypeError`` for a mutable key."""
        with self._lock:
            html = self._rendered.get(key)
            if html is not None:
                self._rendered.move_to_end(key)
            return html

    def add(self, key: Hashable, html: str) -> None:
        """Keep ``html`` under ``key``, unless another thread was first."""
        with self._lock:
            if self._rendered.setdefault(key, html) is html:
                self.used_bytes += sys.getsizeof(html)
            while self.used_bytes > self.max_bytes:
                _, unused = self._rendered.popitem(last=False)
                self.used_bytes -= sys.getsizeof(unused)

    def clear(self) -> None:
        """Drop all of them."""
        with self._lock:
            self._rendered.clear()
            self.used_bytes = 0


rendered_fragments = RenderedFragments(MAX_BYTES)


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
        rendered_fragments.add(key, html)
    if _TOKEN in html:
        html = html.replace(_TOKEN, str(context.get("csrf_token", "")))
    return mark_safe(html)  # noqa: S308 - rendered by the engine, which has escaped it
