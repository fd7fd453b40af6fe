"""Verbs on an album as a whole: make it, change what it says and who may open it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext

from accounts.models import User
from accounts.people import read_words
from social.albums.holding import hold_photo
from social.albums.models import Album, AlbumEntry, Visibility
from social.albums.reading import photos_in


@transaction.atomic
def create_album(
    *, owner: User, title: str, text: str = "", visibility: str = Visibility.ME
) -> Album:
    """Make an empty album. One statement, and one for a text that may mention somebody."""
    entities = read_words(text, owner).entities
    return Album.objects.create(
        owner=owner, title=title, text=text, text_entities=entities, visibility=visibility
    )


@transaction.atomic
def edit_album(
    *,
    owner: User,
    album_id: int,
    title: str | None = None,
    text: str | None = None,
    visibility: str | None = None,
    cover: int | None = None,
) -> Album:
    """Change an album of ``owner``; ``None`` leaves something as it is. Two statements or three.

    ``cover`` is a photo. Raises what ``own_album`` and ``hold_photo`` do, and ``ValidationError``
    for a cover that is not in the album, or not for them to see.
    """
    album = own_album(owner, album_id)
    if text is not None and text != album.text:
        album.text_entities = read_words(text, owner).entities
    if cover is not None and not photos_in(album.pk, owner).filter(pk=cover).exists():
        raise ValidationError({"cover": gettext("Choose a photo of this album.")})
    if cover is not None:
        hold_photo(cover)
    changes = {"title": title, "text": text, "visibility": visibility, "cover_id": cover}
    for field, value in changes.items():
        if value is not None:
            setattr(album, field, value)
    album.save(update_fields=["title", "text", "text_entities", "visibility", "cover"])
    return album


def own_album(owner: User, album_id: int) -> Album:
    """Return an album of ``owner``, locked until the end of the transaction. One query.

    Raises ``Http404`` if they may not open it, ``PermissionDenied`` if it is not theirs.
    """
    albums = Album.objects.visible_to(owner).filter(pk=album_id)
    album = albums.select_for_update(of=("self",)).first()
    if album is None:
        raise Http404
    if album.owner_id != owner.pk:
        raise PermissionDenied(gettext("Only the owner of the album can do this."))
    return album


def take_out(entry: AlbumEntry) -> None:
    """Take an entry out of its album, and its photo from the cover. Two statements.

    Part of verbs that hold the album's row.
    """
    Album.objects.filter(pk=entry.album_id, cover=entry.photo_id).update(cover=None)
    entry.delete()
