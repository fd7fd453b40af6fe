"""Sitemaps (sitemaps.org) of what search engines may list, on Django's framework.

A page of a sitemap is a window of rows in the order of their ids, whether visitors see them or not,
and is named by the id that it begins with: it costs a range of the index, wherever it is, and
nothing is counted. A row that is deleted makes a window reach a little further, so none is missed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap
from django.core.cache import cache
from django.core.paginator import Page, PageNotAnInteger, Paginator
from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from minigram_site.fields.snowflake import encode, moment_of, parse_id
from photos.models import Photo

# Rows of a window: a page is rendered while somebody waits.
WINDOW = 5_000
# Seconds that the beginnings of windows are remembered: they are what costs time.
REMEMBERED = 600


class Listed(NamedTuple):
    """One address: its path, and when what is there was published."""

    path: str
    published: datetime | None = None


class SiteSitemap(Sitemap[Listed]):
    """A sitemap whose addresses begin with ``SITE_URL``."""

    def get_protocol(self, protocol: str | None = None) -> str:
        """Return ``http`` or ``https``, as people reach the site."""
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        """Return the host of the site, whatever host a request has named."""
        return urlsplit(settings.SITE_URL).netloc

    def location(self, item: Listed) -> str:
        """Return the path of an item."""
        return item.path

    def lastmod(self, item: Listed) -> datetime | None:
        """Return when the item was published."""
        return item.published

    def starts(self) -> list[int]:
        """Return the numbers of the pages there are."""
        return [1]


class PagesSitemap(SiteSitemap):
    """The pages that are about nobody."""

    def items(self) -> list[Listed]:
        """Return them."""
        return [Listed(reverse(f"social:{name}")) for name in ("landing", "explore")]


class WindowPages(Paginator[Any]):
    """Pages that are windows of ids; the number of a page is the id that it begins with."""

    def __init__(
        self, rows: QuerySet[Any], read: Callable[[int, int | None], list[Listed]]
    ) -> None:
        """Take all rows, and what reads those that are listed between two ids."""
        super().__init__([], WINDOW)
        self.rows, self.read = rows, read

    def page(self, number: int | str) -> Page[Any]:
        """Return the window that begins with an id. Two queries.

        Raises ``PageNotAnInteger`` for what is no id.
        """
        first = parse_id(str(number))
        if first is None:
            raise PageNotAnInteger("A page is named by the id that it begins with.")
        return Page(self.read(first, _next(self.rows, first)), first, self)


class WindowSitemap(SiteSitemap):
    """The rows of a table that search engines may list; subclasses say which."""

    rows: QuerySet[Any]

    @property
    def paginator(self) -> WindowPages:
        """The windows."""
        return WindowPages(self.rows, self.read)

    def read(self, first: int, end: int | None) -> list[Listed]:
        """Return what is listed from one id to before another. ``NotImplementedError`` here."""
        raise NotImplementedError

    def starts(self) -> list[int]:
        """Return the first ids of all windows, oldest first.

        A query for each of them, a few times in an hour at the most.
        """
        name = f"sitemap:{self.rows.model._meta.label}"
        found: list[int] | None = cache.get_or_set(name, lambda: _starts(self.rows), REMEMBERED)
        return found or []


class PeopleSitemap(WindowSitemap):
    """The profiles of public accounts; not of people who are limited, or do not want it."""

    rows = User.objects.all()

    def read(self, first: int, end: int | None) -> list[Listed]:
        """Return the profiles of a window. One query."""
        people = User.objects.viewable_by(AnonymousUser())
        people = people.filter(noindex=False, is_limited=False)
        names = _between(people, first, end).values_list("username", flat=True)
        return [Listed(f"/@{name}/") for name in names]


class PhotosSitemap(WindowSitemap):
    """The photos of public accounts; not of people who are limited, or do not want it."""

    rows = Photo.objects.all()

    def read(self, first: int, end: int | None) -> list[Listed]:
        """Return the photos of a window. One query."""
        photos = Photo.objects.visible_to(AnonymousUser())
        photos = photos.filter(author__noindex=False, author__is_limited=False)
        found = _between(photos, first, end).values_list("pk", flat=True)
        return [Listed(f"/p/{encode(one)}/", moment_of(one)) for one in found]


SECTIONS: dict[str, type[SiteSitemap]] = {
    "pages": PagesSitemap,
    "people": PeopleSitemap,
    "photos": PhotosSitemap,
}


def _between(rows: Any, first: int, end: int | None) -> Any:
    window = rows.filter(pk__gte=first).order_by("pk")
    return window if end is None else window.filter(pk__lt=end)


def _next(rows: QuerySet[Any], first: int) -> int | None:
    """Return the id with which the window after this one begins. One query."""
    identifiers = rows.filter(pk__gte=first).order_by("pk").values_list("pk", flat=True)
    return next(iter(identifiers[WINDOW : WINDOW + 1]), None)


def _starts(rows: QuerySet[Any]) -> list[int]:
    start = rows.order_by("pk").values_list("pk", flat=True).first()
    found = []
    while start is not None:
        found.append(start)
        start = _next(rows, start)
    return found
