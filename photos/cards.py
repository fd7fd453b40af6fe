"""Photo cards: the one read-only projection of photos that pages and the API show.

A card holds everything that a list shows of a photo, read in one query as plain values. This is
the hot read of the site: model instances and serializers for the same twenty photos cost about
ten times as much (``manage.py bench`` shows it).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Exists, OuterRef, Value

from accounts.models import Viewer
from accounts.people import Person
from minigram_site.ids import encode, moment_of
from minigram_site.pagination import PAGE_SIZE, Cursor, Page, beyond, build_page
from photos.files import photo_file_url
from photos.models import Like, Photo, PhotoQuerySet


@dataclass(frozen=True, slots=True)
class Source:
    """One size of a picture: pixels and address."""

    width: int
    height: int
    url: str


@dataclass(frozen=True, slots=True)
class PhotoCard:
    """A photo as one viewer sees it in a list."""

    id: int
    author: Person
    caption: str
    alt_text: str
    width: int
    height: int
    placeholder: str
    renditions: Sequence[tuple[int, int, str]]
    like_count: int
    comment_count: int
    liked: bool

    @property
    def code(self) -> str:
        """The short code of the photo's address."""
        return encode(self.id)

    @property
    def url(self) -> str:
        """The path of the photo's page."""
        return f"/p/{self.code}/"

    @property
    def created_at(self) -> datetime:
        """When it was published."""
        return moment_of(self.id)

    @property
    def sources(self) -> list[Source]:
        """The sizes of the picture, smallest first."""
        code = self.code
        return [Source(w, h, photo_file_url(code, name)) for w, h, name in self.renditions]

    @property
    def srcset(self) -> str:
        """The value of an ``img`` element's ``srcset`` attribute."""
        return ", ".join(f"{source.url} {source.width}w" for source in self.sources)

    @property
    def src(self) -> str:
        """The address for a browser that knows no ``srcset``: the middle size."""
        sources = self.sources
        return sources[len(sources) // 2].url if sources else ""


_COLUMNS = (
    "id", "caption", "alt_text", "width", "height", "placeholder", "renditions",
    "stats__like_count", "stats__comment_count", "liked",
    "author__id", "author__username", "author__display_name", "author__avatar",
)  # fmt: skip


def cards(photos: PhotoQuerySet, viewer: Viewer) -> list[PhotoCard]:
    """Return the cards of ``photos`` for ``viewer``, in the queryset's order. One query.

    The caller has asked visibility (``visible_to``): a card shows what it is given.
    """
    return [_card(row) for row in _with_liked(photos, viewer).values_list(*_COLUMNS)]


def card_page(
    photos: PhotoQuerySet, viewer: Viewer, cursor: Cursor | None, size: int = PAGE_SIZE
) -> Page[PhotoCard]:
    """Return one page of cards, newest first. One query."""

    def fetch(cursor: Cursor | None, limit: int) -> list[PhotoCard]:
        return cards(beyond(photos, cursor)[:limit], viewer)

    return build_page(fetch, cursor, size, lambda card: (card.id,))


def cards_of(identifiers: Iterable[int], viewer: Viewer) -> list[PhotoCard]:
    """Return the cards of those ids that ``viewer`` may see, in the order given. One query."""
    wanted = list(identifiers)
    if not wanted:
        return []
    found = cards(Photo.objects.visible_to(viewer).filter(pk__in=wanted), viewer)
    by_id = {card.id: card for card in found}
    return [by_id[identifier] for identifier in wanted if identifier in by_id]


def _with_liked(photos: PhotoQuerySet, viewer: Viewer) -> Any:
    if viewer.pk is None:
        return photos.annotate(liked=Value(value=False, output_field=BooleanField()))
    mine = Like.objects.filter(user=viewer.pk, photo=OuterRef("pk"))
    return photos.annotate(liked=Exists(mine))


def _card(row: tuple[Any, ...]) -> PhotoCard:
    (
        identifier, caption, alt_text, width, height, placeholder, renditions,
        like_count, comment_count, liked, *author,
    ) = row  # fmt: skip
    return PhotoCard(
        identifier, Person(*author), caption, alt_text, width, height, placeholder, renditions,
        like_count, comment_count, bool(liked),
    )  # fmt: skip
