"""Reading albums: what one viewer may see of them, and nothing that was counted for another.

The photos of an album, their number and its cover all come from one set: the entries whose photos
this viewer may see by the one rule (``Photo.objects.visible_to``). That a photo is in an album
opens it to nobody.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson
from django.db.models import BigIntegerField, Count, Exists, F, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404

from accounts.models import User, Viewer
from accounts.people import Person, person
from minigram_site.db import IndexProbe
from minigram_site.fields.snowflake import encode
from minigram_site.web.pagination import Cursor, Page, paginate
from photos.cards import PhotoCard, cards_of
from photos.models import Photo, PhotoQuerySet
from social.albums.models import Album, AlbumMember, AlbumQuerySet, Visibility

# Albums on a page: the entries of each are counted.
ALBUMS = 12
PHOTOS = ("rank",)


class AlbumCard(NamedTuple):
    """An album as one viewer sees it."""

    id: int
    title: str
    text: str
    # What the text names, as JSON.
    text_entities: str
    owner: Person
    visibility: str
    photo_count: int
    cover: PhotoCard | None
    # Whether several people add to it.
    is_shared: bool
    is_owner: bool
    # Whether the viewer may add photos and arrange them.
    may_add: bool

    @property
    def code(self) -> str:
        """The short code of its address."""
        return encode(self.id)

    @property
    def url(self) -> str:
        """The path of its page."""
        return f"/albums/{self.code}/"

    @property
    def visibility_words(self) -> str:
        """Who may open it, in words for its owner."""
        return str(Visibility(self.visibility).label)


def album_card(viewer: Viewer, album_id: int) -> AlbumCard:
    """Return an album that ``viewer`` may open. Two queries. Raises ``Http404`` for any other."""
    found = Album.objects.visible_to(viewer).filter(pk=album_id)
    cards = album_cards(list(as_seen(found, viewer)), viewer)
    if not cards:
        raise Http404
    return cards[0]


def albums_of(
    owner: User, viewer: Viewer, cursor: Cursor | None, size: int = ALBUMS
) -> Page[AlbumCard]:
    """Return a page of the albums of ``owner`` that ``viewer`` may open, newest first.

    Two queries. Counting is bounded: an album has ``social.albums.contents.MAX_PHOTOS`` at most.
    """
    return _page(Album.objects.owned_by(owner).visible_to(viewer), viewer, cursor, size)


def albums_edited_by(user: User, cursor: Cursor | None, size: int = ALBUMS) -> Page[AlbumCard]:
    """Return a page of the albums to which ``user`` may add, newest first. Two queries."""
    return _page(Album.objects.listed_as_edited_by(user), user, cursor, size)


def invitations_of(user: User, cursor: Cursor | None, size: int = ALBUMS) -> Page[AlbumMember]:
    """Return a page of the invitations that wait for ``user``, the latest first. One query.

    Each comes with its album and the album's owner. None of somebody behind a block.
    """
    albums = Album.objects.filter(pk=OuterRef("album"), owner__in=User.objects.reachable_by(user))
    waiting = AlbumMember.objects.filter(Exists(albums), user=user, accepted=False)
    return paginate(waiting.select_related("album__owner"), cursor, size)


def shown_to(viewer: Viewer) -> PhotoQuerySet:
    """Return the query for the photos that ``viewer`` is shown in lists that people make."""
    return Photo.objects.visible_to(viewer).listed()


def photos_in(album_id: int, viewer: Viewer) -> PhotoQuerySet:
    """Return the query for the photos of an album that ``viewer`` may see, with their ``rank``."""
    photos = shown_to(viewer).filter(album_entries__album=album_id)
    return photos.annotate(rank=F("album_entries__rank"))


def album_photos(
    album_id: int, viewer: Viewer, cursor: Cursor | None, size: int
) -> Page[PhotoCard]:
    """Return a page of the photos of an album that ``viewer`` may see, in its order. Two queries.

    Whether they may open the album has been asked before.
    """
    page = paginate(photos_in(album_id, viewer).only("id"), cursor, size, PHOTOS)
    return page.with_items(cards_of([photo.pk for photo in page.items], viewer))


def holding(user: User, photo_id: int, albums: Page[AlbumCard]) -> set[int]:
    """Return the ids of those of these albums that hold a photo. One query."""
    shown = [album.id for album in albums.items]
    entries = Album.objects.edited_by(user).filter(pk__in=shown, entries__photo=photo_id)
    return set(entries.values_list("pk", flat=True))


def _page(
    albums: AlbumQuerySet, viewer: Viewer, cursor: Cursor | None, size: int
) -> Page[AlbumCard]:
    page = paginate(as_seen(albums, viewer), cursor, size)
    return page.with_items(album_cards(page.items, viewer))


def as_seen(albums: AlbumQuerySet, viewer: Viewer) -> AlbumQuerySet:
    """Annotate what ``viewer`` sees of each album: number, cover, and what they may do."""
    seen = shown_to(viewer).filter(album_entries__album=OuterRef("pk"))
    number = seen.order_by().values("album_entries__album").annotate(number=Count("pk"))
    chosen = seen.filter(pk=OuterRef("cover")).values("pk")[:1]
    first = seen.order_by("-album_entries__rank").values("pk")[:1]
    members = AlbumMember.objects.filter(album=OuterRef("pk"), accepted=True)
    return albums.select_related("owner").annotate(
        photos_seen=Coalesce(Subquery(number.values("number"), IntegerField()), 0),
        cover_seen=Coalesce(
            Subquery(chosen, BigIntegerField()), Subquery(first, BigIntegerField())
        ),
        is_shared=IndexProbe(members),
        takes_part=IndexProbe(members.filter(user=viewer.pk or 0)),
    )


def album_cards(albums: list[Any], viewer: Viewer) -> list[AlbumCard]:
    """Return the cards of albums that come from ``as_seen``. One query, none without covers."""
    wanted = list({album.cover_seen for album in albums} - {None})
    covers = {card.id: card for card in cards_of(wanted, viewer)}
    return [_card(album, covers.get(album.cover_seen), viewer) for album in albums]


def _card(album: Any, cover: PhotoCard | None, viewer: Viewer) -> AlbumCard:
    own = album.owner_id == viewer.pk
    return AlbumCard(
        album.pk,
        album.title,
        album.text,
        orjson.dumps(album.text_entities).decode(),
        person(album.owner),
        album.visibility,
        album.photos_seen,
        cover,
        bool(album.is_shared),
        own,
        own or bool(album.takes_part),
    )
