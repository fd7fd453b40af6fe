"""The template tag for links of a navigation, which mark the page that is open."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from minigram_site.web.templating.icons import icon

register = template.Library()
CURRENT = SafeString(' aria-current="page"')
# Of a part of the site, in which the page that is open lies.
ABOVE = SafeString(' aria-current="true"')
NOTHING = SafeString("")
# Also where nothing is new: the element by which other tabs learn that there is no more.
_BADGE = ' <b class="dot" data-live="badge">{}</b>'
_NEW = '<bdi dir="ltr">{}</bdi><i class="hidden"> {}</i>'


@register.simple_tag
def nav_link(
    url: str,
    label: str,
    *,
    symbol: str = "",
    here: str = "",
    news: str | None = None,
    has_more: bool = False,
) -> SafeString:
    """Return the link to ``url``, with the icon ``symbol`` before its ``label``.

    It is marked as the current page if ``here``, the path of the request, is ``url``, and as that
    of the current part of the site if ``url`` ``has_more`` pages below it and ``here`` is one.
    ``news`` is how much is new, in a badge beside the label, empty for nothing. This is Python
    rather than an included template because the pages of the settings have eighteen such links: as
    templates they made these pages a fifth slower.
    """
    text = format_html("{}<span>{}</span>", icon(symbol), label) if symbol else label
    dot = NOTHING
    if news is not None:
        dot = format_html(_BADGE, format_html(_NEW, news, gettext("new")) if news else NOTHING)
    mark = CURRENT if url == here else NOTHING
    if has_more and not mark and here.startswith(url):
        mark = ABOVE
    return format_html('<a href="{}"{}>{}{}</a>', url, mark, text, dot)
