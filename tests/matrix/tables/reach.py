"""What other sites, feed readers and search engines ask for, and the bin."""

from __future__ import annotations

from typing import Any

from photos.bin import move_to_bin
from photos.services import comment, delete_comment
from tests.factories import published, upload
from tests.matrix.rules import (
    Address,
    anyone,
    at,
    delete,
    get,
    member,
    owner_alone,
    plain,
    post,
)
from tests.matrix.scene import Account, Scene
from tests.matrix.tables.photos import of_tag
from tests.matrix.tables.social import of_owner


def prepare(scene: Scene) -> None:
    """Let the owner delete another photo."""
    photo = published(author=scene.owner, image=upload(), caption="Once in the bin")
    move_to_bin(photo=photo)
    scene.things["deleted"] = photo
    scene.secrets["Once in the bin"] = scene.is_owner
    written = comment(author=scene.owner, photo_id=scene.photo.pk, text="Words in the bin")
    delete_comment(comment=written, by=scene.owner)
    scene.things["deleted comment"] = written.pk
    scene.secrets["Words in the bin"] = scene.is_owner


def of_deleted(scene: Scene) -> dict[str, Any]:
    """Return the photo that the owner has deleted."""
    return {"photo_id": scene.things["deleted"].pk}


def of_deleted_comment(scene: Scene) -> dict[str, Any]:
    """Return the comment that the owner has deleted."""
    return {"comment_id": scene.things["deleted comment"]}


def of_photos(scene: Scene) -> dict[str, Any]:
    """Return the part of the sitemap that lists photos."""
    return {"section": "photos"}


def of_a_public_account(scene: Scene) -> int:
    """Answer everybody as a visitor, whoever asks."""
    return 200 if scene.account == Account.PUBLIC else 404


TABLE = {
    "social:person-feed": Address((get(of_a_public_account),), of_owner, as_visitor=True),
    "social:tag-feed": Address((get(anyone()),), of_tag, as_visitor=True),
    "social:oembed": plain(get(anyone(400))),
    "social:robots": plain(get(anyone())),
    "social:sitemap-index": plain(get(anyone())),
    "social:sitemap": at(of_photos, get(anyone())),
    "social:deleted": plain(get(member())),
    "social:deleted-picture": at(of_deleted, get(owner_alone())),
    "social:restore": at(of_deleted, post(owner_alone(302))),
    "social:delete-for-good": at(of_deleted, get(owner_alone()), post(owner_alone(302))),
    "social:deleted-comments": plain(get(member())),
    "social:restore-comment": at(of_deleted_comment, post(owner_alone(302))),
    "social:delete-comment-for-good": at(
        of_deleted_comment, get(owner_alone()), post(owner_alone(302))
    ),
    "api-deleted-comments": plain(get(member())),
    "api-deleted-comment": at(of_deleted_comment, delete(owner_alone(204))),
    "api-restore-comment": at(of_deleted_comment, post(owner_alone())),
    "api-deleted": plain(get(member())),
    "api-deleted-photo": at(of_deleted, delete(owner_alone(204))),
    "api-restore": at(of_deleted, post(owner_alone())),
    "api-deleted-picture": at(of_deleted, get(owner_alone())),
}
