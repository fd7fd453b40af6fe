"""Albums, links and what is behind a link as the API shows them."""

from __future__ import annotations

from typing import Any

from accounts.api.json import entities_json, person_json, profile_json
from accounts.models import User
from accounts.people import person
from minigram_site.api.rendering import time_json
from minigram_site.fields.snowflake import moment_of
from photos.api.json import photo_json, picture_json
from social.albums.linked_photos import LinkedPhoto, named_in
from social.albums.models import AlbumMember, ShareLink
from social.albums.reading import AlbumCard


def album_json(card: AlbumCard, base: str) -> dict[str, Any]:
    """Return an album; ``base`` is the scheme and host that addresses begin with."""
    return {
        "id": str(card.id),
        "url": base + card.url,
        "owner": person_json(card.owner, base),
        "title": card.title,
        "text": card.text,
        "text_entities": entities_json(card.text, card.text_entities, base),
        "created_at": time_json(moment_of(card.id)),
        "visibility": card.visibility if card.is_owner else None,
        "photo_count": card.photo_count,
        "cover": photo_json(card.cover, base) if card.cover else None,
        "is_shared": card.is_shared,
        "may_add": card.may_add,
    }


def invitation_json(waiting: AlbumMember, base: str) -> dict[str, Any]:
    """Return an invitation; it comes with its album and the album's owner."""
    album = waiting.album
    return {
        "album_id": str(album.pk),
        "title": album.title,
        "owner": person_json(person(album.owner), base),
    }


def member_json(member: User, base: str) -> dict[str, Any]:
    """Return somebody who adds to an album, or is invited to."""
    relation: Any = member
    return {**profile_json(member, base), "accepted": relation.has_accepted}


def link_json(link: ShareLink) -> dict[str, Any]:
    """Return a link as its sharer sees it, without its address, which nobody knows any more."""
    return {
        "id": str(link.pk),
        "photo_id": str(link.photo_id) if link.photo_id else None,
        "album_id": str(link.album_id) if link.album_id else None,
        "created_at": time_json(link.created_at),
        "ends_at": time_json(link.ends_at),
        "has_password": bool(link.password),
    }


def shared_json(link: ShareLink, number: int, base: str) -> dict[str, Any]:
    """Return what a link leads to, as whoever has it may know; it comes with album and sharer."""
    album = link.album
    named = named_in(album.text_entities, link, album.owner_id) if album else []
    return {
        "leads_to": "album" if album else "photo",
        "shared_by": link.sharer.name,
        "title": album.title if album else "",
        "text": album.text if album else "",
        "text_entities": entities_json(album.text, named, base) if album else [],
        "photo_count": number,
        "ends_at": time_json(link.ends_at),
    }


def linked_photo_json(photo: LinkedPhoto, base: str) -> dict[str, Any]:
    """Return a photo behind a link. What is not named here is not told."""
    return {
        "url": base + photo.url,
        "author": photo.author,
        "caption": photo.caption,
        "caption_entities": entities_json(photo.caption, photo.caption_entities, base),
        "created_at": time_json(photo.created_at),
        **picture_json(photo.cover, base),
        "more": [picture_json(picture, base) for picture in photo.more],
        "camera": photo.camera,
        "sensitive": photo.sensitive,
    }
