"""The template tag for fragments that are rendered once for the values they show.

A photo's card is the same for everybody but for a few values, and shown to many: Django's template
engine takes half a millisecond for it, looking it up takes microseconds. Nothing has to be
invalidated, because the key is everything that the fragment can see.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Hashable
from typing import Any

from django import template
from django.template import Context, Node, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.utils.safestring import SafeString

from minigram_site.memory_cache import BoundedCache
from minigram_site.web.templating.given_values import require_given, require_plain
from minigram_site.web.templating.language import language_of
from minigram_site.web.templating.moulds import moulded

register = template.Library()

# Bytes of rendered fragments that a process keeps, with their keys: some ten thousand tiles.
MAX_BYTES = 32_000_000
# What an entry takes beside its text and its values.
_ENTRY_BYTES = 500
# Stands in kept fragments for the token against request forgery, which is each viewer's own.
_TOKEN = f"token-{secrets.token_hex(16)}"


def size_of(html: str) -> int:
    """Return the bytes of a fragment and its key, whose values it shows: as long again."""
    return 2 * sys.getsizeof(html) + _ENTRY_BYTES


rendered_fragments: BoundedCache[Hashable, str] = BoundedCache(MAX_BYTES, size_of)


class FragmentNode(Node):
    """``{% fragment "template.html" name=value … %}``."""

    def __init__(self, name: str, values: dict[str, FilterExpression]) -> None:
        """Take the name of the fragment's template, and the values that it is given."""
        self.name = name
        self.values = values
        self._names = tuple(values)
        self._expressions = tuple(values.values())
        self._is_checked = False

    def render(self, context: Context) -> SafeString:
        """Return the fragment, rendered with its values and nothing else, or kept from before.

        Raises ``TemplateSyntaxError`` for a fragment that reads what it is not given, and
        ``TypeError`` for values that can change.
        """
        return self.show(context, tuple([value.resolve(context) for value in self._expressions]))

    def show(self, context: Context, values: tuple[Any, ...]) -> SafeString:
        """Return the fragment with these values, in the order of the names that the node has.

        For tags that show one fragment many times. Raises what ``render`` raises.
        """
        # 1 equals True, and does not look like it.
        key = (self.name, language_of(context), self._names, values, tuple(map(type, values)))
        html = rendered_fragments.get(key)
        if html is None:
            html = self._render(context, values)
            rendered_fragments.put(key, html)
        if _TOKEN in html:
            html = html.replace(_TOKEN, _token_in(context))
        # Rendered by the engine, which has escaped it. ``mark_safe`` is four calls.
        return SafeString(html)

    def _render(self, context: Context, values: tuple[Any, ...]) -> str:
        item: Any = values[0] if values else None
        others = values[1:]
        if not hasattr(item, "decisive"):
            return self._by_engine(context, values)
        key = (self.name, language_of(context), others, tuple(map(type, others)))
        return moulded(key, item, lambda one: self._by_engine(context, (one, *others)))

    def _by_engine(self, context: Context, values: tuple[Any, ...]) -> str:
        engine = context.template.engine  # type: ignore[union-attr]
        found = engine.get_template(self.name)
        if not self._is_checked:
            require_given(found, self._names, engine)
            self._is_checked = True
        given = dict(zip(self._names, values, strict=True))
        for name, value in given.items():
            require_plain(name, value)
        # Numbers as they are: to look up how a language writes them costs as much as a tag.
        return found.render(Context({**given, "csrf_token": _TOKEN}, use_l10n=False))


class FragmentsNode(FragmentNode):
    """``{% fragments "template.html" name in list %}``."""

    def __init__(self, name: str, item: str, items: FilterExpression, nothing: Any) -> None:
        """Take the name of the template, what it calls the item, and the expression of the list.

        ``nothing`` stands for the item where the list is not yet known.
        """
        super().__init__(name, {item: nothing})
        self._items = items

    def render(self, context: Context) -> SafeString:
        """Return the fragments of all items. Raises what ``FragmentNode.render`` raises."""
        items = self._items.resolve(context)
        return SafeString("".join([self.show(context, (item,)) for item in items]))


def _token_in(context: Context) -> str:
    """Return the token of the page, which is made once for all fragments on it."""
    page = context.render_context.dicts[0]
    if _TOKEN not in page:
        page[_TOKEN] = str(context.get("csrf_token", ""))
    return str(page[_TOKEN])


@register.tag("fragment")
def fragment(parser: Parser, token: Token) -> FragmentNode:
    """Show the template ``"name.html"`` with values, and with nothing else of the page.

    ``{% fragment "photos/_tile.html" card=card.tile %}``: rendered once for equal values, which are
    texts, numbers, times, or tuples of them. The template must be given all that it reads, and
    must show nothing that changes without its values, such as the time that has passed.
    ``{% csrf_token %}`` works: the token is put in when the fragment is sent. Raises
    ``TemplateSyntaxError`` if it is written in another way.
    """
    _, *bits = token.split_contents()
    name = _quoted(bits.pop(0) if bits else "")
    values = token_kwargs(bits, parser)
    if not name or bits:
        raise TemplateSyntaxError('Write {% fragment "template.html" name=value … %}.')
    return FragmentNode(name, values)


@register.tag("fragments")
def fragments(parser: Parser, token: Token) -> FragmentsNode:
    """Show the template ``"name.html"`` for each item of a list, each with nothing else.

    ``{% fragments "social/_row.html" row in rows %}``: what ``{% for %}`` and ``{% fragment %}``
    show, for a quarter less. Raises ``TemplateSyntaxError`` if it is written in another way.
    """
    _, *bits = token.split_contents()
    name = _quoted(bits[0] if bits else "")
    if not name or len(bits) != 4 or bits[2] != "in" or not bits[1].isidentifier():
        raise TemplateSyntaxError('Write {% fragments "template.html" name in list %}.')
    items, nothing = (parser.compile_filter(text) for text in (bits[3], "None"))
    return FragmentsNode(name, bits[1], items, nothing)


def _quoted(bit: str) -> str:
    """Return what stands in quotes; ``""`` for anything else."""
    is_quoted = len(bit) > 2 and bit[0] in "\"'" and bit[-1] == bit[0]
    return bit[1:-1] if is_quoted else ""
