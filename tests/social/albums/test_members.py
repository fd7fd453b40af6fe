"""Shared albums: invited, accepting, leaving; and what a block or suspension does meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts import services
from accounts.models import User
from social import follows
from social.albums import contents, members
from social.albums.models import Album, AlbumEntry, AlbumMember, Visibility
from tests.factories import make_follow, make_photo, make_user
from tests.social.albums.scene import make_album, make_member, order_of
from tests.social.lean import sent

pytestmark = pytest.mark.django_db
ApiAs = Callable[[User | None], APIClient]
As = Callable[[User | None], Client]


@pytest.fixture
def album(alice: User) -> Album:
    """Return an album of alice that is for herself."""
    return make_album(alice, make_photo(alice), visibility=Visibility.ME)


def test_who_is_invited_accepts_and_adds(
    api_as: ApiAs, alice: User, bob: User, album: Album
) -> None:
    make_follow(bob, alice)
    owner, guest, photo = api_as(alice), api_as(bob), make_photo(bob)
    add = f"/api/v1/albums/{album.pk}/photos/{photo.pk}/"
    assert owner.put(f"/api/v1/albums/{album.pk}/members/bob/").status_code == 204
    assert guest.put(add).status_code == 404
    assert guest.get(f"/api/v1/albums/{album.pk}/").status_code == 404
    waiting = guest.get("/api/v1/me/album-invitations/").json()["results"]
    assert [(one["album_id"], one["owner"]["username"]) for one in waiting] == [
        (str(album.pk), "alice")
    ]
    assert guest.put(f"/api/v1/me/album-invitations/{album.pk}/").status_code == 204
    assert guest.put(add).status_code == 204
    assert guest.get("/api/v1/me/album-invitations/").json()["results"] == []
    mine = guest.get("/api/v1/me/albums/").json()["results"]
    assert [(one["id"], one["may_add"], one["is_shared"]) for one in mine] == [
        (str(album.pk), True, True)
    ]
    assert order_of(owner, album)[-1] == photo.pk


def test_nobody_adds_themselves(api_as: ApiAs, bob: User, album: Album) -> None:
    assert api_as(bob).put(f"/api/v1/me/album-invitations/{album.pk}/").status_code == 404
    assert api_as(bob).delete(f"/api/v1/me/album-invitations/{album.pk}/").status_code == 404
    assert api_as(bob).put(f"/api/v1/albums/{album.pk}/members/bob/").status_code == 404


def test_only_followers_are_invited_and_only_so_many(
    api_as: ApiAs, alice: User, bob: User, album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = api_as(alice)
    codes = [
        owner.put(f"/api/v1/albums/{album.pk}/members/{name}/").json()["code"]
        for name in ("bob", "alice", "nobody.here")
    ]
    assert codes == ["not_a_follower", "own_album", "not_found"]
    monkeypatch.setattr(members, "MAX_MEMBERS", 1)
    make_member(album, make_user())
    make_follow(bob, alice)
    answer = owner.put(f"/api/v1/albums/{album.pk}/members/bob/")
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_members")


def test_an_invitation_that_is_repeated_leaves_a_member_one(
    alice: User, bob: User, album: Album
) -> None:
    make_member(album, bob)
    members.invite(owner=alice, album_id=album.pk, person=bob)
    assert AlbumMember.objects.get().accepted


def test_an_invitation_is_declined_or_withdrawn(
    api_as: ApiAs, alice: User, bob: User, album: Album
) -> None:
    make_follow(bob, alice)
    for end, address in (
        (api_as(bob), f"/api/v1/me/album-invitations/{album.pk}/"),
        (api_as(alice), f"/api/v1/albums/{album.pk}/members/bob/"),
    ):
        members.invite(owner=alice, album_id=album.pk, person=bob)
        assert end.delete(address).status_code == 204
        answer = api_as(bob).put(f"/api/v1/me/album-invitations/{album.pk}/")
        assert answer.status_code == 404


@pytest.mark.parametrize("ends", ["leaves", "removed"])
def test_what_somebody_added_stays_when_they_leave(
    api_as: ApiAs, alice: User, bob: User, album: Album, ends: str
) -> None:
    make_member(album, bob)
    photo = make_photo(bob)
    contents.add(user=bob, album_id=album.pk, photo_id=photo.pk)
    if ends == "leaves":
        members.leave(user=bob, album_id=album.pk)
    else:
        members.remove_member(owner=alice, album_id=album.pk, person=bob)
    assert photo.pk in order_of(api_as(alice), album)
    client, other = api_as(bob), make_photo(bob)
    assert client.get(f"/api/v1/albums/{album.pk}/").status_code == 404
    assert client.put(f"/api/v1/albums/{album.pk}/photos/{other.pk}/").status_code == 404


@pytest.mark.parametrize("blocker", ["owner", "member"])
def test_a_block_with_the_owner_hides_the_album_and_its_end_brings_it_back(
    api_as: ApiAs, alice: User, bob: User, album: Album, blocker: str
) -> None:
    make_member(album, bob)
    photo = make_photo(bob)
    contents.add(user=bob, album_id=album.pk, photo_id=photo.pk)
    pair = (alice, bob) if blocker == "owner" else (bob, alice)
    follows.block(blocker=pair[0], blocked=pair[1])
    client = api_as(bob)
    assert client.get(f"/api/v1/albums/{album.pk}/").status_code == 404
    assert client.put(f"/api/v1/albums/{album.pk}/photos/{photo.pk}/").status_code == 404
    assert client.get("/api/v1/me/albums/").json()["results"] == []
    assert photo.pk not in order_of(api_as(alice), album)
    listed = api_as(alice).get(f"/api/v1/albums/{album.pk}/members/")
    assert listed.json()["results"] == []
    follows.unblock(blocker=pair[0], blocked=pair[1])
    assert client.get(f"/api/v1/albums/{album.pk}/").status_code == 200
    assert photo.pk in order_of(api_as(alice), album)


def test_an_invitation_of_somebody_behind_a_block_is_none(
    api_as: ApiAs, alice: User, bob: User, album: Album
) -> None:
    make_follow(bob, alice)
    members.invite(owner=alice, album_id=album.pk, person=bob)
    follows.block(blocker=bob, blocked=alice)
    assert api_as(bob).get("/api/v1/me/album-invitations/").json()["results"] == []
    assert api_as(bob).put(f"/api/v1/me/album-invitations/{album.pk}/").status_code == 404


def test_members_behind_a_block_see_neither_name_nor_photos_of_each_other(
    api_as: ApiAs, alice: User, bob: User, album: Album
) -> None:
    dora = make_user("dora")
    make_member(album, bob)
    make_member(album, dora)
    photo = make_photo(dora)
    contents.add(user=dora, album_id=album.pk, photo_id=photo.pk)
    follows.block(blocker=dora, blocked=bob)
    names = api_as(bob).get(f"/api/v1/albums/{album.pk}/members/").content.decode()
    assert "dora" not in names
    assert photo.pk not in order_of(api_as(bob), album)
    assert photo.pk in order_of(api_as(alice), album)


def test_a_suspended_member_is_gone_until_they_are_back(
    api_as: ApiAs, alice: User, bob: User, album: Album
) -> None:
    make_member(album, bob)
    photo = make_photo(bob)
    contents.add(user=bob, album_id=album.pk, photo_id=photo.pk)
    services.suspend(user=bob)
    address = f"/api/v1/albums/{album.pk}/members/"
    assert api_as(alice).get(address).json()["results"] == []
    assert photo.pk not in order_of(api_as(alice), album)
    services.restore(user=bob)
    assert len(api_as(alice).get(address).json()["results"]) == 1
    assert photo.pk in order_of(api_as(alice), album)


def test_private_photos_of_members_are_seen_by_their_followers_only(
    api_as: ApiAs, alice: User, bob: User, carol: User, album: Album
) -> None:
    make_member(album, carol)
    make_member(album, bob)
    photo = make_photo(carol)
    contents.add(user=carol, album_id=album.pk, photo_id=photo.pk)
    assert photo.pk not in order_of(api_as(bob), album)
    make_follow(bob, carol)
    assert photo.pk in order_of(api_as(bob), album)


def test_members_see_members_and_the_owner_whom_she_invited(
    api_as: ApiAs, alice: User, bob: User, album: Album
) -> None:
    make_member(album, bob)
    dora = make_user("dora")
    make_follow(dora, alice)
    members.invite(owner=alice, album_id=album.pk, person=dora)
    address = f"/api/v1/albums/{album.pk}/members/"
    seen = {
        user.username: [
            (one["username"], one["accepted"])
            for one in api_as(user).get(address).json()["results"]
        ]
        for user in (alice, bob)
    }
    assert seen == {"alice": [("dora", False), ("bob", True)], "bob": [("bob", True)]}
    assert api_as(dora).get(address).status_code == 404


def test_others_who_open_an_album_are_not_told_who_adds(
    api_as: ApiAs, browser_as: As, alice: User, bob: User
) -> None:
    album, other = make_album(alice), make_user()
    make_member(album, bob)
    assert api_as(other).get(f"/api/v1/albums/{album.pk}/members/").status_code == 403
    assert browser_as(other).get(f"/albums/{album.code}/members/").status_code == 404
    assert "bob" not in browser_as(other).get(f"/albums/{album.code}/").text


def test_the_list_costs_the_same_with_many(api_as: ApiAs, alice: User, album: Album) -> None:
    client, counts = api_as(alice), set()
    for _ in range(2):
        for _ in range(5):
            make_member(album, make_user())
        with sent() as statements:
            assert client.get(f"/api/v1/albums/{album.pk}/members/").status_code == 200
        counts.add(len(statements))
    assert len(counts) == 1


def test_it_works_on_pages_without_a_script(
    browser_as: As, alice: User, bob: User, album: Album
) -> None:
    owner, guest = browser_as(alice), browser_as(bob)
    address = f"/albums/{album.code}/members/"
    for name, words in (
        ("", "Enter the username"),
        ("nix", "nobody called"),
        ("bob", "who follow you"),
    ):
        page = owner.post(address, {"username": name})
        assert page.status_code == 422
        assert words in page.text
    make_follow(bob, alice)
    assert "invited" in owner.post(address, {"username": "@Bob"}, follow=True).text
    assert "Summer" in guest.get("/albums/").text
    answer = f"/albums/invitations/{album.code}/"
    assert guest.post(answer, {"accept": "1"}, follow=True).status_code == 200
    assert AlbumMember.objects.get().accepted
    assert "bob" in owner.get(address).text
    assert guest.post(answer, {"leave": "1"}, follow=True).status_code == 200
    assert not AlbumMember.objects.exists()
    make_member(album, bob)
    owner.post(f"/albums/{album.code}/members/bob/remove/")
    assert not AlbumMember.objects.exists()
    assert AlbumEntry.objects.exists()
