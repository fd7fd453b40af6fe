"""Photos, their likes and comments, and the bytes of pictures."""

from __future__ import annotations

from typing import Any

from photos.pictures import served_names
from tests.matrix.rules import (
    anyone,
    at,
    delete,
    get,
    member,
    member_who_sees,
    nobodys,
    owner_of_photo,
    patch,
    post,
    put,
    who_is_sent_pictures,
    who_sees,
)
from tests.matrix.scene import Scene


def of_photo(scene: Scene) -> dict[str, Any]:
    """Return the owner's photo."""
    return {"photo_id": scene.photo.pk}


def of_comment(scene: Scene) -> dict[str, Any]:
    """Return the friend's comment below it."""
    return {"photo_id": scene.photo.pk, "comment_id": scene.comment.pk}


def of_original(scene: Scene) -> dict[str, Any]:
    """Return the file as it was uploaded."""
    return {"photo_id": scene.photo.pk, "number": 1}


def of_file(scene: Scene) -> dict[str, Any]:
    """Return one size of the picture."""
    name = served_names(scene.photo.pictures)[0].rpartition("/")[2]
    return {"photo_id": scene.photo.pk, "file_name": name}


def of_avatar(scene: Scene) -> dict[str, Any]:
    """Return an avatar that nobody has."""
    return {"user_id": scene.owner.pk, "file_name": "none.webp"}


def of_tag(scene: Scene) -> dict[str, Any]:
    """Return the tag of the caption."""
    return {"name": "lighthouse"}


WORDS = {"text": "Lovely"}
CAPTION = {"caption": "Another", "alt_text": ""}

TABLE = {
    "photos:photo": at(of_photo, get(who_sees())),
    "photos:edit": at(of_photo, get(owner_of_photo()), post(owner_of_photo(302), CAPTION)),
    "photos:original": at(of_original, get(owner_of_photo())),
    "photos:delete": at(of_photo, get(owner_of_photo()), post(owner_of_photo(302))),
    "photos:like": at(of_photo, post(member_who_sees(302))),
    "photos:unlike": at(of_photo, post(member_who_sees(302))),
    "photos:likes": at(of_photo, get(member_who_sees())),
    "photos:comment": at(of_photo, post(member_who_sees(302), WORDS)),
    "photos:thread": at(of_comment, get(who_sees())),
    "photos:reply": at(of_comment, get(member_who_sees()), post(member_who_sees(302), WORDS)),
    "photos:edit-comment": at(of_comment, get(nobodys()), post(nobodys(), WORDS)),
    "photos:delete-comment": at(of_comment, post(owner_of_photo(302))),
    "photos:like-comment": at(of_comment, post(member_who_sees(302))),
    "photos:unlike-comment": at(of_comment, post(member_who_sees(302))),
    "photos:tag": at(of_tag, get(anyone())),
    "photos:photo-file": at(of_file, get(who_is_sent_pictures)),
    "photos:avatar-file": at(of_avatar, get(anyone(404))),
    "api-photo": at(
        of_photo,
        get(member_who_sees()),
        patch(owner_of_photo(), CAPTION),
        delete(owner_of_photo(204)),
    ),
    "api-original": at(of_original, get(owner_of_photo())),
    "api-like": at(of_photo, put(member_who_sees()), delete(member_who_sees())),
    "api-likes": at(of_photo, get(member_who_sees())),
    "api-comments": at(of_photo, get(member_who_sees()), post(member_who_sees(201), WORDS)),
    "api-comment": at(
        of_comment, get(member_who_sees()), patch(nobodys(), WORDS), delete(owner_of_photo(204))
    ),
    "api-replies": at(of_comment, get(member_who_sees())),
    "api-comment-like": at(of_comment, put(member_who_sees()), delete(member_who_sees())),
    "api-tag-photos": at(of_tag, get(member())),
}
