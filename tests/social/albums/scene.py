"""Albums for tests: plain functions with sensible defaults."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from photos.models import Photo
from social.albums import contents, editing, members
from social.albums.models import Album, Visibility
from tests.factories import make_follow


def make_album(
    owner: User, *photos: Photo, title: str = "Summer", visibility: str = Visibility.EVERYBODY
) -> Album:
    """Make an album with these photos, added by its owner."""
    album = editing.create_album(owner=owner, title=title, visibility=visibility)
    for photo in photos:
        contents.add(user=owner, album_id=album.pk, photo_id=photo.pk)
    return album


def make_member(album: Album, person: User) -> None:
    """Let somebody follow the owner of an album, and add to it."""
    make_follow(person, album.owner)
    members.invite(owner=album.owner, album_id=album.pk, person=person)
    members.accept(user=person, album_id=album.pk)


def order_of(client: Any, album: Album) -> list[int]:
    """Return the ids of the photos on the first page of an album, as an API client sees it."""
    answer = client.get(f"/api/v1/albums/{album.pk}/photos/?limit=50")
    assert answer.status_code == 200
    return [int(photo["id"]) for photo in answer.json()["results"]]


def seen_of(client: Any, album: Album) -> tuple[int, int | None]:
    """Return number and cover of an album as an API client sees it."""
    answer = client.get(f"/api/v1/albums/{album.pk}/")
    assert answer.status_code == 200
    cover = answer.json()["cover"]
    return answer.json()["photo_count"], int(cover["id"]) if cover else None
