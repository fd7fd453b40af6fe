"""Mutes and hidden suggestions over the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import HiddenSuggestion, Mute, User
from photos.services import comment
from social import mutes
from tests.factories import make_photo, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], APIClient]


def test_muting_and_unmuting_are_idempotent(api_as: As, alice: User, bob: User) -> None:
    client = api_as(alice)
    for _ in range(2):
        assert client.put("/api/v1/users/bob/mute/").status_code == 204
    assert client.get("/api/v1/users/bob/").json()["you_mute"] is True
    assert api_as(bob).get("/api/v1/users/alice/").json()["you_mute"] is False
    for _ in range(2):
        assert client.delete("/api/v1/users/bob/mute/").status_code == 204
    assert client.get("/api/v1/users/bob/").json()["you_mute"] is False


def test_a_mute_has_an_end_that_the_list_tells(api_as: As, alice: User, bob: User) -> None:
    client = api_as(alice)
    for ends_at in ("2126-01-02T03:04:05Z", None):
        response = client.put("/api/v1/users/bob/mute/", {"ends_at": ends_at}, format="json")
        assert response.status_code == 204
        (row,) = client.get("/api/v1/me/mutes/").json()["results"]
        expected = ends_at and "2126-01-02T03:04:05.000Z"
        assert (row["username"], row["mute_ends_at"]) == ("bob", expected)


@pytest.mark.parametrize(
    ("name", "ends_at", "status", "code"),
    [
        ("alice", None, 409, "cannot_mute_yourself"),
        ("bob", "2020-01-01T00:00:00Z", 409, "end_has_passed"),
        ("bob", "tomorrow", 400, "invalid"),
        ("bob", 7, 400, "invalid"),
        ("nobody", None, 404, "not_found"),
    ],
)
def test_what_cannot_be_muted_is_refused(
    api_as: As, alice: User, bob: User, name: str, ends_at: object, status: int, code: str
) -> None:
    path = f"/api/v1/users/{name}/mute/"
    response = api_as(alice).put(path, {"ends_at": ends_at}, format="json")
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert not Mute.objects.exists()


def test_past_the_limit_a_mute_is_refused(
    api_as: As, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Mute, "MOST", 0)
    response = api_as(alice).put("/api/v1/users/bob/mute/")
    assert (response.status_code, response.json()["code"]) == (409, "too_many_mutes")


@pytest.mark.parametrize("rows", [3, 20])
def test_the_list_pages_and_its_cost_does_not_grow(api_as: As, alice: User, rows: int) -> None:
    muted = [make_user() for _ in range(rows)]
    for person in muted:
        mutes.mute(muter=alice, muted=person)
    client = api_as(alice)
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/api/v1/me/mutes/?limit=2").json()
    assert len(queries) == 2
    found = []
    while page["results"]:
        found += [row["username"] for row in page["results"]]
        if page["next"] is None:
            break
        page = client.get(page["next"]).json()
    assert found == [person.username for person in muted][::-1]


def test_a_mute_that_has_ended_is_not_listed(api_as: As, alice: User, bob: User) -> None:
    mutes.mute(muter=alice, muted=bob, ends_at=timezone.now() + timedelta(days=1))
    Mute.objects.update(ends_at=timezone.now() - timedelta(days=1))
    client = api_as(alice)
    assert client.get("/api/v1/me/mutes/").json()["results"] == []
    assert client.get("/api/v1/users/bob/").json()["you_mute"] is False


def test_a_comment_says_that_its_author_is_muted(api_as: As, alice: User, bob: User) -> None:
    photo = make_photo(alice)
    top = comment(author=alice, photo_id=photo.pk, text="First")
    comment(author=bob, photo_id=photo.pk, text="Me too", reply_to=top)
    mutes.mute(muter=alice, muted=bob)
    path = f"/api/v1/photos/{photo.pk}/comments/"
    (shown,) = api_as(alice).get(path).json()["results"]
    assert (shown["muted"], shown["replies"][0]["muted"]) == (False, True)
    (shown,) = api_as(bob).get(path).json()["results"]
    assert (shown["muted"], shown["replies"][0]["muted"]) == (False, False)


def test_hiding_a_suggestion_is_idempotent_and_can_be_taken_back(
    api_as: As, alice: User, bob: User
) -> None:
    client = api_as(alice)
    for _ in range(2):
        assert client.put("/api/v1/users/bob/hide-suggestion/").status_code == 204
    assert HiddenSuggestion.objects.count() == 1
    for _ in range(2):
        assert client.delete("/api/v1/users/bob/hide-suggestion/").status_code == 204
    assert not HiddenSuggestion.objects.exists()
    refused = client.put("/api/v1/users/alice/hide-suggestion/")
    assert (refused.status_code, refused.json()["code"]) == (409, "cannot_hide_yourself")


def test_a_follower_is_removed_without_a_word(api_as: As, alice: User, bob: User) -> None:
    assert api_as(bob).put("/api/v1/users/alice/follow/").status_code == 200
    for _ in range(2):
        assert api_as(alice).delete("/api/v1/me/followers/bob/").status_code == 204
    assert api_as(bob).get("/api/v1/users/alice/").json()["you_follow"] is False


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("put", "users/bob/mute/"),
        ("delete", "users/bob/mute/"),
        ("get", "me/mutes/"),
        ("put", "users/bob/hide-suggestion/"),
    ],
)
def test_nobody_does_it_without_a_token(api_as: As, bob: User, method: str, path: str) -> None:
    assert getattr(api_as(None), method)(f"/api/v1/{path}").status_code == 401
