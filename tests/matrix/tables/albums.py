"""Saved photos, albums, and a share link whose password only its holder knows."""

from __future__ import annotations

from typing import Any

from django.test import RequestFactory

from social.albums import contents, deleting, editing, links
from social.albums.models import Visibility
from tests.matrix.rules import (
    NOT_FOUND,
    at,
    delete,
    get,
    member,
    member_who_knows,
    member_who_sees,
    owner_alone,
    owner_of_photo,
    patch,
    plain,
    post,
    put,
    who_knows,
    who_sees,
)
from tests.matrix.scene import Account, Kind, Scene
from tests.matrix.tables.photos import of_file, of_photo


def prepare(scene: Scene) -> None:
    """Make an album of the owner with their photo, and a link to it that has a password."""
    album = editing.create_album(
        owner=scene.owner, title="secret-album", visibility=Visibility.EVERYBODY
    )
    contents.add(user=scene.owner, album_id=album.pk, photo_id=scene.photo.pk)
    binned = editing.create_album(
        owner=scene.owner, title="album-in-the-bin", visibility=Visibility.EVERYBODY
    )
    deleting.move_to_bin(owner=scene.owner, album_id=binned.pk)
    link, token = links.share(
        sharer=scene.owner, album_id=album.pk, days=1, password="secret-password"
    )
    scene.things |= {"album": album.pk, "binned": binned.pk, "link": link.pk, "token": token}
    if scene.kind == Kind.HOLDER:
        key = links.unlock(link, "secret-password", RequestFactory().post("/"))
        assert key
        scene.share_key = key
    scene.secrets |= {
        "secret-album": scene.sees,
        "secret-password": False,
        "album-in-the-bin": scene.is_owner,
    }


def of_album(scene: Scene) -> dict[str, Any]:
    """Return the owner's album."""
    return {"album_id": scene.things["album"]}


def of_binned(scene: Scene) -> dict[str, Any]:
    """Return an album that the owner has deleted."""
    return {"album_id": scene.things["binned"]}


def of_entry(scene: Scene) -> dict[str, Any]:
    """Return the photo in it."""
    return of_album(scene) | of_photo(scene)


def of_friend(scene: Scene) -> dict[str, Any]:
    """Return somebody who could add to it."""
    return of_album(scene) | {"username": "friend"}


def of_link(scene: Scene) -> dict[str, Any]:
    """Return the link, as its owner names it."""
    return {"link_id": scene.things["link"]}


def of_token(scene: Scene) -> dict[str, Any]:
    """Return the link, as whoever has it names it."""
    return {"token": scene.things["token"]}


def locked(scene: Scene) -> int:
    """Ask everybody for the password, whoever they are; a suspended sharer has no links."""
    return NOT_FOUND if scene.account == Account.SUSPENDED else 401


def shared(scene: Scene) -> int:
    """Answer who holds the link and has typed its password, private account or not."""
    return 200 if scene.holds_link else locked(scene)


def of_shared_photo(scene: Scene) -> dict[str, Any]:
    """Return the photo behind the link."""
    return of_token(scene) | of_photo(scene)


def of_shared_file(scene: Scene) -> dict[str, Any]:
    """Return one size of it."""
    return of_token(scene) | of_file(scene)


# What a link shows: the words of its photos and its album, no comment and nothing of the account.
SHARED = ("secret-caption", "secret-alt", "secret-album")
ALBUM = {"title": "Another", "visibility": "me"}
GUESS = {"password": "not-the-password"}
REFUSED = 422

TABLE = {
    "social:saved": plain(get(member())),
    "social:save": at(of_photo, get(member_who_sees()), post(member_who_sees(302))),
    "social:unsave": at(of_photo, post(member_who_sees(302))),
    "social:albums": plain(get(member())),
    "social:albums-of": at(lambda scene: {"username": "owner"}, get(who_knows())),
    "social:new-album": plain(get(member()), post(member(302), ALBUM)),
    "social:album": at(of_album, get(who_sees())),
    "social:edit-album": at(of_album, get(owner_of_photo()), post(owner_of_photo(302), ALBUM)),
    "social:delete-album": at(of_album, post(owner_of_photo(302))),
    "social:arrange-album": at(of_album, get(owner_alone())),
    "social:album-members": at(of_album, get(owner_alone()), post(owner_alone(REFUSED))),
    "social:remove-album-member": at(of_friend, post(owner_of_photo(302))),
    "social:album-invitation": at(of_album, post(member(NOT_FOUND))),
    "social:album-add": at(of_entry, post(owner_alone(302))),
    "social:album-remove": at(of_entry, post(owner_of_photo(302))),
    "social:album-move": at(of_entry, post(owner_alone(302), {"to": "first"})),
    "social:share-photo": at(of_photo, get(owner_of_photo()), post(owner_of_photo(), {"days": 7})),
    "social:share-album": at(of_album, get(owner_of_photo()), post(owner_of_photo(), {"days": 7})),
    "social:deleted-albums": plain(get(member())),
    "social:restore-album": at(of_binned, post(owner_alone(302))),
    "social:delete-album-for-good": at(of_binned, get(owner_alone()), post(owner_alone(302))),
    "api-deleted-albums": plain(get(member())),
    "api-deleted-album": at(of_binned, delete(owner_alone(204))),
    "api-restore-album": at(of_binned, post(owner_alone())),
    "social:links": plain(get(member())),
    "social:revoke-link": at(of_link, post(member(302))),
    "social:shared": at(of_token, get(shared), shows=SHARED),
    "social:shared-photo": at(of_shared_photo, get(shared), shows=SHARED),
    "social:shared-file": at(of_shared_file, get(shared), shows=SHARED),
    "social:unlock-link": at(of_token, post(locked, GUESS)),
    "api-saved": at(
        of_photo, get(member_who_sees()), put(member_who_sees()), delete(member_who_sees())
    ),
    "api-saved-list": plain(get(member())),
    "api-saved-states": plain(get(member(400))),
    "api-my-albums": plain(get(member()), post(member(201), ALBUM)),
    "api-albums-of": at(lambda scene: {"username": "owner"}, get(member_who_knows())),
    "api-album": at(
        of_album,
        get(member_who_sees()),
        patch(owner_of_photo(), ALBUM),
        delete(owner_of_photo(204)),
    ),
    "api-album-photos": at(of_album, get(member_who_sees())),
    "api-album-photo": at(of_entry, put(owner_alone(204)), delete(owner_of_photo(204))),
    "api-album-position": at(of_entry, put(owner_alone(204), {"before": None})),
    "api-members": at(of_album, get(owner_of_photo())),
    "api-member": at(of_friend, put(owner_of_photo(204)), delete(owner_of_photo(204))),
    "api-album-invitations": plain(get(member())),
    "api-album-invitation": at(of_album, put(member(NOT_FOUND)), delete(member(NOT_FOUND))),
    "api-photo-links": at(of_photo, post(owner_of_photo(201), {})),
    "api-album-links": at(of_album, post(owner_of_photo(201), {})),
    "api-links": plain(get(member())),
    "api-link": at(of_link, delete(member(204))),
    "api-shared": at(of_token, get(shared), shows=SHARED),
    "api-shared-photos": at(of_token, get(shared), shows=SHARED),
    "api-unlock": at(of_token, post(locked, GUESS)),
}
