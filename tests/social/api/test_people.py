"""People over the API: profiles, following, requests, blocks, the own account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Follow, User
from tests.factories import PASSWORD, make_follow, make_photo, make_user, upload

pytestmark = pytest.mark.django_db
As = Callable[[User | None], APIClient]


def test_a_profile_has_the_promised_shape(api_as: As, alice: User, bob: User) -> None:
    make_follow(bob, alice)
    make_photo(bob)
    body = api_as(alice).get("/api/v1/users/BOB/").json()
    assert body["id"] == str(bob.pk)
    assert (body["photo_count"], body["follower_count"], body["following_count"]) == (1, 0, 1)
    assert (body["you_follow"], body["follows_you"], body["is_private"]) == (False, True, False)
    assert "email" not in body


def test_following_a_public_account(api_as: As, alice: User, bob: User) -> None:
    client = api_as(alice)
    for _ in range(2):
        response = client.put("/api/v1/users/bob/follow/")
        assert (response.status_code, response.json()) == (200, {"state": "following"})
    assert client.get("/api/v1/users/bob/").json()["you_follow"]
    for _ in range(2):
        assert client.delete("/api/v1/users/bob/follow/").status_code == 204
    assert not Follow.objects.exists()


def test_asking_and_being_accepted(api_as: As, alice: User, carol: User) -> None:
    client, owner = api_as(alice), api_as(carol)
    assert client.put("/api/v1/users/carol/follow/").json() == {"state": "requested"}
    assert client.get("/api/v1/users/carol/").json()["requested"]
    assert owner.get("/api/v1/me/requests/").json()["results"][0]["username"] == "alice"
    assert owner.put("/api/v1/me/requests/alice/").status_code == 204
    assert owner.put("/api/v1/me/requests/alice/").status_code == 404
    assert client.put("/api/v1/users/carol/follow/").json() == {"state": "following"}


def test_asking_and_being_declined_or_withdrawing(api_as: As, alice: User, carol: User) -> None:
    client, owner = api_as(alice), api_as(carol)
    client.put("/api/v1/users/carol/follow/")
    assert owner.delete("/api/v1/me/requests/alice/").status_code == 204
    assert owner.delete("/api/v1/me/requests/alice/").status_code == 404
    client.put("/api/v1/users/carol/follow/")
    assert client.delete("/api/v1/users/carol/follow/").status_code == 204
    assert owner.get("/api/v1/me/requests/").json()["results"] == []


def test_going_public_over_the_api_accepts_who_waits(api_as: As, alice: User, carol: User) -> None:
    api_as(alice).put("/api/v1/users/carol/follow/")
    body = api_as(carol).patch("/api/v1/me/", {"is_private": False}).json()
    assert (body["is_private"], body["follower_count"]) == (False, 1)


def test_nobody_follows_or_blocks_themself(api_as: As, alice: User) -> None:
    for verb in ("follow", "block"):
        response = api_as(alice).put(f"/api/v1/users/alice/{verb}/")
        assert (response.status_code, response.json()["code"]) == (409, f"cannot_{verb}_yourself")


@pytest.mark.parametrize("name", ["nobody", "a" * 31, "%00", "ä", "a b"])
def test_people_who_are_not_there(api_as: As, alice: User, name: str) -> None:
    client = api_as(alice)
    for answer in (
        client.get(f"/api/v1/users/{name}/"),
        client.put(f"/api/v1/users/{name}/follow/"),
        client.put(f"/api/v1/me/requests/{name}/"),
    ):
        assert answer.status_code == 404


def test_blocking_over_the_api(api_as: As, alice: User, bob: User) -> None:
    client = api_as(alice)
    for _ in range(2):
        assert client.put("/api/v1/users/bob/block/").status_code == 204
    assert api_as(bob).get("/api/v1/users/alice/").status_code == 404
    assert api_as(bob).put("/api/v1/users/alice/follow/").status_code == 404
    assert client.put("/api/v1/users/bob/follow/").json()["code"] == "blocked"
    assert [row["username"] for row in client.get("/api/v1/me/blocks/").json()["results"]] == [
        "bob"
    ]
    assert client.delete("/api/v1/users/bob/block/").status_code == 204
    assert api_as(bob).get("/api/v1/users/alice/").status_code == 200


def test_the_own_account_is_read_and_changed(api_as: As, alice: User) -> None:
    client = api_as(alice)
    changes = {"display_name": " Alice\n A. ", "bio": "Hi", "website": "https://example.org"}
    body = client.patch("/api/v1/me/", changes).json()
    assert (body["display_name"], body["bio"]) == ("Alice A.", "Hi")
    assert client.get("/api/v1/me/").json() == body
    assert body["email"] == "alice@example.org"


@pytest.mark.parametrize(
    "change",
    [
        {"website": "javascript:alert(1)"},
        {"website": "ftp://example.org"},
        {"bio": "x" * 501},
        {"display_name": "x" * 61},
        {"is_private": "perhaps"},
        {"email": "nowhere"},
        {"bio": None},
    ],
)
def test_changes_that_make_no_sense_are_refused_by_field(
    api_as: As, alice: User, change: dict[str, Any]
) -> None:
    response = api_as(alice).patch("/api/v1/me/", change)
    assert response.status_code == 400
    assert list(response.json()["errors"]) == list(change)


def test_another_email_needs_the_password(api_as: As, bob: User) -> None:
    user = make_user("alice", password=PASSWORD)
    client = api_as(user)
    for change, status in (
        ({"email": "new@example.org"}, 400),
        ({"email": "new@example.org", "password": "wrong"}, 400),
        ({"email": "BOB@example.org", "password": PASSWORD}, 400),
        ({"email": "New@example.org", "password": PASSWORD}, 200),
    ):
        assert client.patch("/api/v1/me/", change).status_code == status
    user.refresh_from_db()
    assert user.email == "new@example.org"


def test_whether_an_email_is_known_is_told_after_the_password_only(api_as: As, bob: User) -> None:
    client = api_as(make_user("alice", password=PASSWORD))
    for password in ({}, {"password": "wrong"}):
        known, free = (
            client.patch("/api/v1/me/", {"email": f"{name}@example.org", **password}).json()
            for name in ("bob", "nobody")
        )
        assert known == free
    told = client.patch("/api/v1/me/", {"email": "bob@example.org", "password": PASSWORD})
    assert list(told.json()["errors"]) == ["email"]


def test_a_refused_email_leaves_the_avatar(api_as: As, bob: User) -> None:
    user = make_user("alice", password=PASSWORD)
    change = {"avatar": upload(), "email": "bob@example.org", "password": PASSWORD}
    assert api_as(user).patch("/api/v1/me/", change, format="multipart").status_code == 400
    user.refresh_from_db()
    assert user.avatar == []


def test_an_avatar_is_set_and_removed(api_as: As, alice: User) -> None:
    client = api_as(alice)
    body = client.patch("/api/v1/me/", {"avatar": upload()}, format="multipart").json()
    assert body["avatar"].startswith("http://testserver/media/avatars/")
    refused = client.patch("/api/v1/me/", {"avatar": upload(b"no")}, format="multipart")
    assert (refused.status_code, refused.json()["code"]) == (422, "not_an_image")
    assert client.patch("/api/v1/me/", {"avatar": None}).json()["avatar"] is None


def test_deleting_the_account_takes_the_password(api_as: As) -> None:
    user = make_user("dave", password=PASSWORD)
    make_photo(user)
    client = api_as(user)
    for body in ({}, {"password": "wrong"}):
        assert client.delete("/api/v1/me/", body).status_code == 400
    assert client.delete("/api/v1/me/", {"password": PASSWORD}).status_code == 204
    assert client.get("/api/v1/me/").status_code == 401
