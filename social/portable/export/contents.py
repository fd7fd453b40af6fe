"""What is somebody's: the rows of each file of their archive, in the terms of its schema.

Files are written as they are read, so that a long history costs no memory. Of what others made
there is only where it is and whose, and only as far as the person may still see it: what somebody
liked stays theirs to know, who has blocked them meanwhile does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import Block, Follow, FollowRequest, Mute, User
from minigram_site.fields.snowflake import encode, moment_of
from photos.models import Comment, CommentLike, Like, Photo
from photos.pictures import Picture
from social.models import (
    Album,
    AlbumEntry,
    Digest,
    FollowedTag,
    SavedPhoto,
    Silence,
)
from social.notifications.kinds import Kind

FORMAT, VERSION = "minigram-archive", 1
# Rows that are read at once.
CHUNK = 500

Row = dict[str, Any]


def head(user: User, exported_at: datetime) -> Row:
    """Return what the archive says of itself (``archive.json``). No query."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "site": settings.SITE_URL,
        "site_name": settings.SITE_NAME,
        "username": user.username,
        "exported_at": _time(exported_at),
        "not_included": NOT_INCLUDED,
    }


# What people would look for in vain. English, as all names in the archive are.
NOT_INCLUDED = [
    "Photos, albums and comments that you have deleted, also while they are in the bin.",
    "Drafts and uploads that are not published.",
    "What others wrote below your photos, and their photos in your albums: these are theirs.",
    "Notifications, reports, and decisions of moderators.",
    "Passwords, passkeys, authenticator apps, and the list of your devices.",
    "The file that your portrait was made from, which is not kept.",
]


def profile(user: User) -> Row:
    """Return ``profile.json``. No query."""
    return {
        "username": user.username,
        "display_name": user.display_name,
        "bio": user.bio,
        "website": user.website,
        "joined_at": _time(user.date_joined),
        "avatar": avatar_name(user),
    }


def avatar_name(user: User) -> str | None:
    """Return the name of the portrait in the archive; ``None`` without one."""
    return "avatar.webp" if user.avatar else None


def preferences(user: User) -> Row:
    """Return ``settings.json``. Three queries."""
    digest = Digest.objects.filter(owner=user).first()
    tags = FollowedTag.objects.filter(user=user).order_by("-pk").values_list("tag__key", flat=True)
    silent = Silence.objects.filter(owner=user).order_by("kind").values_list("kind", flat=True)
    return {
        "email": user.email,
        "language": user.language,
        "private_account": user.is_private,
        "hidden_from_search_engines": user.noindex,
        "hidden_words": list(user.filtered_words),
        "followed_tags": list(tags),
        "silent_notifications": [Kind(kind).code for kind in silent],
        "daily_mail": {"hour": digest.hour, "zone": digest.zone} if digest else None,
    }


def own_photos(user: User) -> QuerySet[Photo]:
    """Return the photos that are in the archive: those that their author sees, archived as well."""
    return Photo.objects.visible_to(user).by(user)


def file_name(photo: Photo, number: int, picture: Picture) -> str:
    """Return the name of an original in the archive; ``number`` counts from 1."""
    return f"originals/{photo.code}-{number}.{picture.original.rpartition('.')[2]}"


def photos(user: User) -> Iterator[Row]:
    """Yield ``photos.json``, the oldest first. One query for each ``CHUNK``."""
    for some in _chunks(own_photos(user).order_by("pk")):
        yield from map(_own_photo, some)


def comments(user: User) -> Iterator[Row]:
    """Yield ``comments.json``, the oldest first: what the person wrote, wherever it stands."""
    rows = Comment.objects.filter(author=user).select_related("photo__author").order_by("pk")
    for some in _chunks(rows):
        seen = _seen(user, {one.photo_id for one in some})
        for one in some:
            yield {
                "id": str(one.pk),
                "created_at": _time(one.created_at),
                "edited_at": _time(one.edited_at) if one.edited_at else None,
                "text": one.text,
                "reply_to": str(one.parent_id) if one.parent_id else None,
                "photo": _photo(one.photo_id, one.photo, user, seen),
            }


def likes(user: User) -> Iterator[Row]:
    """Yield ``likes.json``: the photos that the person likes, in the order of time."""
    return _of_photos(user, Like.objects.filter(user=user))


def saved(user: User) -> Iterator[Row]:
    """Yield ``saved.json``: the photos that the person has saved, in the order of time."""
    return _of_photos(user, SavedPhoto.objects.filter(user=user))


def comment_likes(user: User) -> Iterator[Row]:
    """Yield ``comment_likes.json``: which comments the person likes, in the order of time."""
    rows = CommentLike.objects.filter(user=user).select_related("comment__photo__author")
    for some in _chunks(rows.order_by("pk")):
        seen = _seen(user, {one.comment.photo_id for one in some})
        for one in some:
            where = _photo(one.comment.photo_id, one.comment.photo, user, seen)
            yield {
                "created_at": _time(moment_of(one.pk)),
                "comment": str(one.comment_id),
                "photo": where,
            }


def following(user: User) -> Iterator[Row]:
    """Yield ``following.json``: whom the person follows, in the order of time."""
    rows = Follow.objects.filter(follower=user)
    return _of_people(rows.filter(followee__in=_known_to(user)), "followee")


def followers(user: User) -> Iterator[Row]:
    """Yield ``followers.json``: who follows the person, in the order of time."""
    rows = Follow.objects.filter(followee=user)
    return _of_people(rows.filter(follower__in=_known_to(user)), "follower")


def requests(user: User) -> Iterator[Row]:
    """Yield ``follow_requests.json``: whom the person has asked, in the order of time."""
    rows = FollowRequest.objects.filter(requester=user)
    return _of_people(rows.filter(target__in=_known_to(user)), "target")


def blocked(user: User) -> Iterator[Row]:
    """Yield ``blocked.json``: whom the person blocks, in the order of time."""
    return _of_people(Block.objects.filter(blocker=user), "blocked")


def muted(user: User) -> Iterator[Row]:
    """Yield ``muted.json``: whom the person mutes, in the order of time."""
    return _of_people(Mute.objects.filter(muter=user, muted__in=_known_to(user)), "muted")


def albums(user: User) -> Iterator[Row]:
    """Yield ``albums.json``: the person's own albums with the ids of what is in them."""
    for album in Album.objects.owned_by(user).order_by("pk"):
        entries = AlbumEntry.objects.filter(album=album, photo__in=Photo.objects.visible_to(user))
        entries = entries.select_related("photo__author").order_by("-rank")
        yield {
            "id": str(album.pk),
            "created_at": _time(album.created_at),
            "title": album.title,
            "text": album.text,
            "visibility": album.visibility,
            "photos": [_photo(one.photo_id, one.photo, user, {one.photo_id}) for one in entries],
        }


# The lists of the archive: the file, and what yields its rows.
LISTS: dict[str, Callable[[User], Iterator[Row]]] = {
    "photos.json": photos,
    "comments.json": comments,
    "likes.json": likes,
    "comment_likes.json": comment_likes,
    "saved.json": saved,
    "albums.json": albums,
    "following.json": following,
    "followers.json": followers,
    "follow_requests.json": requests,
    "blocked.json": blocked,
    "muted.json": muted,
}


def _own_photo(photo: Photo) -> Row:
    return {
        "id": str(photo.pk),
        "url": settings.SITE_URL + photo.get_absolute_url(),
        "created_at": _time(photo.created_at),
        "caption": photo.caption,
        "archived": photo.archived,
        "comments_off": photo.comments_off,
        "show_camera": photo.show_camera,
        "pictures": [
            {
                "file": file_name(photo, number, picture) if picture.original else None,
                "alt_text": picture.alt_text,
                "width": picture.width,
                "height": picture.height,
                "turn": picture.turn,
                "crop": list(picture.crop),
            }
            for number, picture in enumerate(photo.pictures, start=1)
        ],
    }


def _of_photos(user: User, rows: QuerySet[Any]) -> Iterator[Row]:
    for some in _chunks(rows.select_related("photo__author").order_by("pk")):
        seen = _seen(user, {one.photo_id for one in some})
        for one in some:
            yield {
                "created_at": _time(moment_of(one.pk)),
                "photo": _photo(one.photo_id, one.photo, user, seen),
            }


def _of_people(rows: QuerySet[Any], who: str) -> Iterator[Row]:
    for some in _chunks(rows.select_related(who).order_by("pk")):
        for one in some:
            person = getattr(one, who)
            yield {
                "created_at": _time(moment_of(one.pk)),
                "username": person.username,
                "url": settings.SITE_URL + person.get_absolute_url(),
            }


def _photo(photo_id: int, photo: Photo, user: User, seen: set[int]) -> Row:
    """Return where a photo is, and whose: its id alone if the person may not see it any more."""
    if photo_id not in seen:
        return {"id": str(photo_id), "url": None, "author": None, "own": False}
    return {
        "id": str(photo_id),
        "url": f"{settings.SITE_URL}/p/{encode(photo_id)}/",
        "author": photo.author.username,
        "own": photo.author_id == user.pk,
    }


def _seen(user: User, photo_ids: set[int]) -> set[int]:
    """Return which of these photos the person may see. One query."""
    return set(Photo.objects.visible_to(user).filter(pk__in=photo_ids).values_list("pk", flat=True))


def _known_to(user: User) -> QuerySet[User, Any]:
    return User.objects.reachable_by(user).values("pk")


def _chunks(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """Yield the rows in parts, each by a query of its own: nothing stays open between them."""
    after = 0
    while some := list(rows.filter(pk__gt=after)[:CHUNK]):
        after = some[-1].pk
        yield some


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
