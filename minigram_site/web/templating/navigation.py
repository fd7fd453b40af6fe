"""The template tag for links of a navigation, which mark the page that is open."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from minigram_site.web.templating.icons import icon

register = template.Library()
CURRENT = SafeString(' aria-current="page"')
NOTHING = SafeString("")
# Also where nothing is new: the element by which other tabs learn that there is no more.
_BADGE = ' <b class="dot" data-live="badge">{}</b>'
_NEW = '<bdi dir="ltr">{}</bdi><i class="hidden"> {}</i>'


@register.simple_tag
def nav_link(
    url: str, label: str, *, symbol: str = "", here: str = "", news: str | None = None
) -> SafeString:
    """Return the link to ``url``, with the icon ``symbol`` before its ``label``.

    It is marked as the current page if ``here``, the path of the request, is ``url``. ``news`` is
    how much is new there, in a badge beside the label, empty for nothing. This is Python rather
    than an included template because the pages of the settings have eleven such links: as
    templates they made these pages a fifth slower.
    """
    text = format_html("{}<span>{}</span>", icon(symbol), label) if symbol else label
    dot = NOTHING
    if news is not None:
        dot = format_html(_BADGE, format_html(_NEW, news, gettext("new")) if news else NOTHING)
    return format_html(
        '<a href="{}"{}>{}{}</a>', url, CURRENT if url == here else NOTHING, text, dot
    )
