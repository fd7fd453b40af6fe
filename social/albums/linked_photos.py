"""Photos as a share link shows them: what is named here, and nothing else of them.

All their addresses lead through the link.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.http import Http404

from minigram_site.fields.entities import LINK, Entity
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, paginate
from minigram_site.web.templating.linked import entities_in
from photos.cards import PhotoCard, alt_of, cards_of
from photos.files.shown import CardPicture
from photos.models import Photo
from social.albums import links
from social.albums.models import ShareLink
from social.albums.reading import PHOTOS


class LinkedPicture(CardPicture):
    """One picture; ``code`` is what stands between "/s/" and the name of a file."""

    __slots__ = ()

    def address(self, name: str) -> str:
        """Return the path of the file with this storage name, behind the link."""
        return f"/s/{self.code}/{name.rpartition('/')[2]}"


class LinkedPhoto(NamedTuple):
    """A photo behind a link."""

    url: str
    author: str
    caption: str
    # What leads somewhere in it (``named_in``).
    caption_entities: list[Entity]
    created_at: datetime
    cover: LinkedPicture
    more: tuple[LinkedPicture, ...]
    # What the author shows of the camera.
    camera: dict[str, str]
    sensitive: bool

    @property
    def pictures(self) -> list[LinkedPicture]:
        """All its pictures, the cover first."""
        return [self.cover, *self.more]

    @property
    def tallest(self) -> LinkedPicture:
        """The picture that says how high a carousel must be."""
        return max(self.pictures, key=lambda picture: picture.height / picture.width)

    @property
    def fallback_alt(self) -> str:
        """What to say of a picture that nobody has described."""
        return alt_of(self.author)


def photos_page(
    link: ShareLink, token: str, cursor: Cursor | None, size: int = PAGE_SIZE
) -> Page[LinkedPhoto]:
    """Return a page of what a link shows, in its order. Two queries."""
    page = paginate(links.photos_of(link).only("id"), cursor, size, PHOTOS)
    cards = cards_of([photo.pk for photo in page.items], link.sharer)
    return page.with_items([_linked(card, link, token) for card in cards])


def linked_photo(link: ShareLink, token: str, photo_id: int) -> LinkedPhoto:
    """Return one photo behind a link. Two queries. Raises ``Http404`` for any other photo."""
    row = photo_behind(link, photo_id)
    cards = cards_of([row.pk], link.sharer)
    if not cards:
        raise Http404
    return _linked(cards[0], link, token)


def photo_behind(link: ShareLink, photo_id: int) -> Photo:
    """Return the row of a photo that a link shows. One query. Raises ``Http404`` for any other."""
    photo = links.photos_of(link).filter(pk=photo_id).first()
    if photo is None:
        raise Http404
    return photo


def named_in(stored: str | list[Any], link: ShareLink, author_id: int) -> list[Entity]:
    """Return what leads somewhere in a text behind a link; ``stored`` as its column holds it.

    In the words of a private account these are web addresses alone: tags and names stay words. No
    query.
    """
    found = entities_in(stored)
    # Photos of others are behind a link only where everybody may see them.
    if author_id == link.sharer_id and link.sharer.is_private:
        return [entity for entity in found if entity.kind == LINK]
    return found


def _linked(card: PhotoCard, link: ShareLink, token: str) -> LinkedPhoto:
    code = f"{token}/media/{card.code}"
    cover, *more = (LinkedPicture(*picture._replace(code=code)) for picture in card.pictures)
    return LinkedPhoto(
        f"/s/{token}/{card.code}/",
        card.author.name,
        card.caption,
        named_in(card.caption_entities, link, card.author.id),
        card.created_at,
        cover,
        tuple(more),
        card.camera,
        card.sensitive,
    )
