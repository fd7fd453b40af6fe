"""The pages that administrators write: rules, imprint, and what the site is about.

Markdown is made HTML first, in which no tag of the text itself is one (``html`` is off); what comes
out is sanitised last, once, by a list of what may stay. So no attribute of htmx, which would act as
code on these pages, can come through either step.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt

from accounts.doors.site import last_known, site_settings
from accounts.models import SiteSettings

# By the name in the address, which is a field of the settings: the title.
TITLES = {"about": _("About"), "rules": _("Rules"), "imprint": _("Legal notice")}
_TAGS = {
    *("a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p"),
    *("pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}


class SitePage(NamedTuple):
    """A page that somebody has written."""

    name: str
    title: str
    html: SafeString


class PageLink(NamedTuple):
    """Where a page is, for the foot of all pages."""

    name: str
    title: str


def page(name: str) -> SitePage | None:
    """Return the page of this name, ``None`` for one that has no text. No query of its own."""
    text = _text(site_settings(), name)
    return SitePage(name, str(TITLES[name]), to_html(text)) if text else None


def written() -> tuple[PageLink, ...]:
    """Return the links to the pages that have a text. No query of its own."""
    site = last_known()
    return tuple(PageLink(name, str(title)) for name, title in TITLES.items() if _text(site, name))


@lru_cache(maxsize=16)
def to_html(markdown: str) -> SafeString:
    """Return safe HTML for a text in Markdown (CommonMark, and tables).

    Headings begin at ``h2``, as the page has its own.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    tokens = parser.parse(markdown)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    html = parser.renderer.render(tokens, parser.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
    )
    return mark_safe(clean)  # noqa: S308 - sanitised in the line above


def _text(site: SiteSettings, name: str) -> str:
    return str(getattr(site, name)).strip() if name in TITLES else ""
