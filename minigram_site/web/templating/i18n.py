"""Django's template tags for languages, cheaper where the words stand in the template itself.

``{% load i18n %}`` loads these: all of Django's, ``{% translate "…" %}`` at the price of a look
into a dictionary, and what only this site has: two tags, and the filter ``grouped`` for numbers.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.template import Context, Library, Node
from django.template.base import Parser, Token
from django.templatetags import i18n
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from minigram_site.web.languages.numbers import grouped
from minigram_site.web.languages.words import words_address
from minigram_site.web.templating.language import language_of

register = Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)
register.filter("grouped", grouped)


class WordsNode(Node):
    """A text that stands in the template, kept in each language that it was shown in."""

    child_nodelists = ()

    def __init__(self, node: i18n.TranslateNode) -> None:
        """Take Django's node, which is asked once for each language."""
        self._node = node
        self._kept: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        """Return the text in the language of the page."""
        language = language_of(context)
        text = self._kept.get(language)
        if text is None:
            text = self._kept[language] = self._node.render(context)
        return text


@register.tag("translate")
@register.tag("trans")
def translate(parser: Parser, token: Token) -> Node:
    """Show a text in the language of the page, as Django's tag of this name does."""
    node: Any = i18n.do_translate(parser, token)
    is_fixed = not (
        node.asvar or node.message_context or node.filter_expression.filters or node.noop
    )
    if is_fixed and not node.filter_expression.var.lookups:
        return WordsNode(node)
    return node  # type: ignore[no-any-return]


@register.simple_tag(takes_context=True)
def page_language(context: Context) -> SafeString:
    """Return the attributes of ``<html>`` that say which language the page is in, and its way."""
    return _html_attributes(language_of(context))


@cache
def _html_attributes(language: str | None) -> SafeString:
    way = "rtl" if translation.get_language_bidi() else "ltr"
    return format_html('lang="{}" dir="{}"', language, way)


@register.simple_tag
def words_script() -> SafeString:
    """Return the ``<script>`` that gives scripts the words of the language; none for English.

    It stands before all other scripts of a page.
    """
    address = words_address(str(translation.get_language()))
    if not address:
        return mark_safe("")
    return format_html('<script src="{}" defer fetchpriority="low"></script>', address)
