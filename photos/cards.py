"""Photo cards: the one read-only projection of photos that pages and the API show.

A card holds everything that a list shows of a photo, read in one query as plain values. This is
the hot read of the site: model instances and serializers for the same twenty photos cost about
ten times as much (``manage.py lab bench`` shows it).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, TypeVar

import orjson
from django.contrib.auth.models import AnonymousUser
from django.db.models import BooleanField, Exists, F, OuterRef, QuerySet, Value
from django.utils.translation import gettext

from accounts.models import User, Viewer, counts_are_shared, hidden_count
from accounts.people import Person
from minigram_site.db import fetch_compiled
from minigram_site.fields.snowflake import encode, moment_of
from minigram_site.web.languages.numbers import grouped
from minigram_site.web.templating.moulds import SHOWN, Decisive
from photos import photo_cache
from photos.files import photo_file_url
from photos.files.shown import CardPicture
from photos.models import Comment, Like, Photo
from photos.photo_cache import Row

# A named tuple with the counts of a photo: ``id``, ``like_count``, ``comment_count``, and
# ``counts_are_shared``, which tells whether they are what the viewer sees.
Counted = TypeVar("Counted", bound=Any)


def alt_of(name: str) -> str:
    """Return what to say of a picture by ``name`` that nobody has described."""
    return gettext("Photo by %(name)s") % {"name": name}


class Tile(NamedTuple):
    """What a grid shows of a photo: two that are equal look the same, whoever looks at them."""

    code: str
    url: str
    cover: CardPicture
    # The author's name, for a picture that nobody has described.
    by: str
    sensitive: bool
    # How many pictures the photo has.
    pictures: int
    # How many, as the language of the page writes it.
    likes: str
    comments: str

    @property
    def fallback_alt(self) -> str:
        """What to say of a picture that nobody has described."""
        return alt_of(self.by)

    @property
    def decisive(self) -> Decisive:
        """By what templates decide how it looks; all else they show as it is."""
        return {
            "sensitive": self.sensitive,
            "pictures": self.pictures,
            "cover.alt_text": SHOWN if self.cover.alt_text else "",
        }


class PhotoCard(NamedTuple):
    """A photo as one viewer sees it in a list; ``code`` is the short code of its address.

    All of it can be hashed: two equal cards look the same, and are rendered once.
    """

    id: int
    code: str
    author: Person
    caption: str
    # What the caption names (``minigram_site.fields.entities``): JSON.
    caption_entities: str
    cover: CardPicture
    more: tuple[CardPicture, ...]
    # The file name of the JPEG for link previews, and what the author shows of the camera: JSON.
    preview_name: str
    camera_json: str
    comments_off: bool
    # Whether it is blurred until the viewer taps on it.
    sensitive: bool
    # Put away by its author, who alone sees it.
    archived: bool
    # Whether its author does not want search engines to list it.
    noindex: bool
    like_count: int
    comment_count: int
    liked: bool
    counts_are_shared: bool  # Whether no block hides anybody from the viewer.

    @property
    def url(self) -> str:
        """The path of the photo's page."""
        return f"/p/{self.code}/"

    @property
    def tile(self) -> Tile:
        """What a grid shows of it."""
        return Tile(
            self.code,
            self.url,
            self.cover,
            self.author.name,
            self.sensitive,
            1 + len(self.more),
            grouped(self.like_count),
            grouped(self.comment_count),
        )

    @property
    def created_at(self) -> datetime:
        """When it was published."""
        return moment_of(self.id)

    @property
    def fallback_alt(self) -> str:
        """What to say of a picture that nobody has described."""
        return alt_of(self.author.name)

    @property
    def camera(self) -> dict[str, str]:
        """What the author shows of the camera, by name; mostly nothing."""
        shown: dict[str, str] = orjson.loads(self.camera_json)
        return shown

    @property
    def pictures(self) -> list[CardPicture]:
        """All its pictures, the cover first."""
        return [self.cover, *self.more]

    @property
    def words(self) -> list[str]:
        """All its texts: the caption, which holds the tags, and the descriptions."""
        return [self.caption, *(picture.alt_text for picture in self.pictures)]

    @property
    def tallest(self) -> CardPicture:
        """The picture that says how high a carousel must be."""
        return max(self.pictures, key=lambda picture: picture.height / picture.width)

    @property
    def preview(self) -> str:
        """The path of a JPEG for link previews; older photos have none."""
        return photo_file_url(self.code, self.preview_name) if self.preview_name else self.cover.src


# What does not change of a card, beside its id; those that are JSON are read as text.
LASTING_COLUMNS = (
    *("caption", "caption_entities", "alt_text"),
    *("width", "height", "placeholder", "renditions", "more", "preview"),
    *("show_camera", "camera", "comments_off", "sensitive", "archived"),
    *("author__username", "author__display_name", "author__avatar", "author__noindex"),
)
JSON_COLUMNS = {"caption_entities", "renditions", "more", "camera", "author__avatar"}
_COLUMNS = (
    "id",
    *LASTING_COLUMNS,
    # The rest is not part of the cached entry (photos.photo_cache).
    "author__id",
    "unshared",
    "stats__like_count",
    "stats__comment_count",
    "liked",
    "counts_are_shared",
)


def cards_of(identifiers: Sequence[int], viewer: Viewer) -> list[PhotoCard]:
    """Return the cards of those ids that ``viewer`` may see, in the order given.

    One query; one more for viewers with blocks, whose counts differ from everybody's.
    """
    if not identifiers:
        return []
    rows = photo_cache.rows_of(identifiers, viewer.pk, lambda ids: read_rows(ids, viewer.pk))
    found = {card.id: card for card in map(card_of, rows)}
    cards = [found[identifier] for identifier in identifiers if identifier in found]
    return with_seen_counts(cards, viewer.pk)


def with_seen_counts(photos: Sequence[Counted], viewer_id: int | None) -> list[Counted]:
    """Return these photos with the counts that the viewer sees: without people whom a block hides.

    No query for viewers without blocks, else one.
    """
    if all(photo.counts_are_shared for photo in photos):
        return list(photos)
    values = [viewer_id or 0, *(photo.id for photo in photos)]
    hidden = {row[0]: row[1:] for row in fetch_compiled(("hidden counts",), _hidden, values)}
    seen = []
    for photo in photos:
        likes, comments = hidden.get(photo.id, (0, 0))
        likes, comments = max(photo.like_count - likes, 0), max(photo.comment_count - comments, 0)
        seen.append(photo._replace(like_count=likes, comment_count=comments))
    return seen


def read_rows(identifiers: Sequence[int], viewer_id: int | None) -> list[Row]:
    """Return the rows of those photos that the viewer may see, from the database. One query."""
    if not identifiers:
        return []
    if viewer_id is None:
        return fetch_compiled(("cards", "visitor"), asked_by_visitor, identifiers)
    return fetch_compiled(("cards",), asked_by_user, [viewer_id, *identifiers])


def asked_by_visitor(*identifiers: int) -> QuerySet[Photo, Any]:
    """Return the query for the cards of those ids that visitors may see, as ``asked_by_user``."""
    nobody = Value(value=False, output_field=BooleanField())
    photos = Photo.objects.visible_to(AnonymousUser()).filter(pk__in=identifiers)
    photos = photos.with_unshared().annotate(
        liked=nobody, counts_are_shared=counts_are_shared(AnonymousUser())
    )
    return photos.values_list(*_COLUMNS)


def asked_by_user(viewer_id: int, *identifiers: int) -> QuerySet[Photo, Any]:
    """Return the query for the cards of those ids that a person may see.

    Annotated are ``liked`` and ``counts_are_shared``: whether the counts are what they see.
    """
    mine = Like.objects.filter(user=viewer_id, photo=OuterRef("pk"))
    viewer = User(pk=viewer_id)
    photos = Photo.objects.visible_to(viewer).filter(pk__in=identifiers)
    photos = photos.with_unshared().annotate(
        liked=Exists(mine), counts_are_shared=counts_are_shared(viewer)
    )
    return photos.values_list(*_COLUMNS)


def _hidden(viewer_id: int, *identifiers: int) -> QuerySet[Photo, Any]:
    """Return the query for how many likes and comments of these photos a block hides."""
    likes, comments = (model.objects.filter(photo=OuterRef("pk")) for model in (Like, Comment))
    viewer = User(pk=viewer_id)
    return Photo.objects.filter(pk__in=identifiers).values_list(
        "pk", hidden_count(likes, "user", viewer), hidden_count(comments, "author", viewer)
    )


def likes_of(photo_id: int, viewer: User) -> tuple[bool, int] | None:
    """Return whether ``viewer`` likes a photo, and how many do; nothing unless they may see it.

    One query, never the cache: for a request that has just changed it. One more for viewers with
    blocks.
    """
    rows = fetch_compiled(("likes of",), likes_query, [viewer.pk, photo_id])
    seen = with_seen_counts([_Likes(*row) for row in rows], viewer.pk)
    return (bool(seen[0].liked), seen[0].like_count) if seen else None


class _Likes(NamedTuple):
    """What changes of a photo, as one viewer sees it."""

    id: int
    liked: bool
    like_count: int
    comment_count: int
    counts_are_shared: bool


def likes_query(viewer_id: int, photo_id: int) -> QuerySet[Photo, Any]:
    """Return the query for what changes of a photo: the columns of ``_Likes``.

    One row, or none if that person may not see it.
    """
    return asked_by_user(viewer_id, photo_id).values_list(
        "id", F("liked"), "stats__like_count", "stats__comment_count", F("counts_are_shared")
    )


def row_of_lasting(photo_id: int, author_id: int, lasting: Row) -> Row:
    """Return the row of a photo whose ``LASTING_COLUMNS`` were read, with counts of 0."""
    return (photo_id, *lasting, author_id, None, 0, 0, False, False)


def card_of(row: Row) -> PhotoCard:
    """Return the card of a row."""
    (
        identifier,
        caption,
        entities,
        alt_text,
        width,
        height,
        placeholder,
        renditions,
        more,
        preview,
        show_camera,
        camera,
        comments_off,
        sensitive,
        archived,
        username,
        display_name,
        avatar,
        noindex,
        author_id,
        _,
        like_count,
        comment_count,
        liked,
        shared,
    ) = row
    code = encode(identifier)
    return PhotoCard(
        identifier,
        code,
        Person(author_id, username, display_name, _tuples(avatar)),
        caption,
        entities,
        CardPicture(code, alt_text, width, height, placeholder, _tuples(renditions)),
        _further(code, more),
        preview,
        camera if show_camera else "{}",
        bool(comments_off),
        bool(sensitive),
        bool(archived),
        bool(noindex),
        like_count,
        comment_count,
        bool(liked),
        bool(shared),
    )


def _further(code: str, more: str) -> tuple[CardPicture, ...]:
    return tuple(map(partial(_picture, code), orjson.loads(more))) if more != "[]" else ()


def _picture(code: str, stored: dict[str, Any]) -> CardPicture:
    values = {name: stored[name] for name in CardPicture._fields[1:]}
    renditions = tuple(map(tuple, values.pop("renditions")))
    return CardPicture(code, **values, renditions=renditions)


def _tuples(rows: str) -> tuple[tuple[Any, ...], ...]:
    return tuple(map(tuple, orjson.loads(rows)))
