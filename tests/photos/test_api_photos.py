"""Photos, likes and comments over the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from logging import LogRecord
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.api.json import account_json, profile_json
from accounts.api.serializers import AccountSerializer, ProfileSerializer
from accounts.models import User
from photos.api.json import comment_json, photo_json, reply_json
from photos.api.serializers import CommentSerializer, PhotoSerializer, ReplySerializer
from photos.cards import cards_of
from photos.conversation.cards import card_of_new
from photos.models import Comment, Photo
from photos.services import comment, like
from tests.factories import make_photo, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]
Errors = Callable[[], list[LogRecord]]


def test_a_photo_has_the_promised_shape(api_as: As, alice: User) -> None:
    photo = make_photo(alice, caption="Lake", alt_text="A lake")
    body = api_as(alice).get(f"/api/v1/photos/{photo.pk}/").json()
    assert body["id"] == str(photo.pk)
    assert body["url"] == f"http://testserver/p/{photo.code}/"
    assert body["author"] == {
        "id": str(alice.pk),
        "username": "alice",
        "display_name": "",
        "avatar": None,
    }
    assert body["created_at"].endswith("Z")
    assert body["sources"][0]["url"].startswith(f"http://testserver/media/photos/{photo.code}/")
    assert (body["like_count"], body["comment_count"], body["liked"]) == (0, 0, False)


def test_the_described_shapes_are_the_real_ones(alice: User) -> None:
    photo = make_photo(alice)
    card = photo_json(cards_of([photo.pk], alice)[0], "http://x")
    assert list(card) == list(PhotoSerializer().fields)
    assert list(card["author"]) == list(PhotoSerializer().fields["author"].fields)  # type: ignore[attr-defined]
    written = comment(author=alice, photo_id=photo.pk, text="Hi")
    shown = comment_json(card_of_new(written), "")
    assert list(shown) == list(CommentSerializer().fields)
    assert list(reply_json(card_of_new(written), "")) == list(ReplySerializer().fields)
    user = User.objects.with_counts_for(alice).with_relation_to(alice).get(pk=alice.pk)
    assert set(profile_json(user, "")) == set(ProfileSerializer().fields)
    assert set(account_json(user, "")) == set(AccountSerializer().fields)


def test_words_are_changed_by_the_owner_alone(api_as: As, alice: User, bob: User) -> None:
    path = f"/api/v1/photos/{make_photo(alice, caption='Old', alt_text='Kept').pk}/"
    body = api_as(alice).patch(path, {"caption": "New"}).json()
    assert (body["caption"], body["alt_text"]) == ("New", "Kept")
    refused = api_as(bob).patch(path, {"caption": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")


@pytest.mark.parametrize(
    ("caption", "status"), [("x" * 2200, 200), ("x" * 2201, 400), (["a"], 400), (None, 400)]
)
def test_captions_have_a_limit(api_as: As, alice: User, caption: Any, status: int) -> None:
    path = f"/api/v1/photos/{make_photo(alice).pk}/"
    response = api_as(alice).patch(path, {"caption": caption})
    assert response.status_code == status
    if status == 400:
        assert list(response.json()["errors"]) == ["caption"]


@pytest.mark.parametrize(
    "text", ["nul\0byte", "\ud800", "\u202egpj.exe", "👩\u200d👩\u200d👧", "ﷺ" * 50]
)
def test_odd_text_never_breaks_anything(api_as: As, alice: User, text: str) -> None:
    photo = make_photo(alice)
    client = api_as(alice)
    for path, method in ((f"/api/v1/photos/{photo.pk}/", client.patch),):
        sent = json.dumps({"caption": text, "alt_text": text})
        assert method(path, sent, content_type="application/json").status_code == 200
    sent = json.dumps({"text": text})
    path = f"/api/v1/photos/{photo.pk}/comments/"
    assert client.post(path, sent, content_type="application/json").status_code in {201, 400}
    assert client.get(path).status_code == 200


def test_deleting_is_the_owners_alone(api_as: As, alice: User, bob: User) -> None:
    path = f"/api/v1/photos/{make_photo(alice).pk}/"
    assert api_as(bob).delete(path).status_code == 403
    assert api_as(alice).delete(path).status_code == 204
    assert api_as(alice).get(path).status_code == 404
    assert api_as(alice).delete(path).status_code == 404
    assert not Photo.objects.visible_to(alice).exists()


def test_likes_are_idempotent(api_as: As, alice: User, bob: User) -> None:
    path = f"/api/v1/photos/{make_photo(alice).pk}/like/"
    client = api_as(bob)
    for _ in range(2):
        assert client.put(path).json() == {"liked": True, "like_count": 1}
    for _ in range(2):
        assert client.delete(path).json() == {"liked": False, "like_count": 0}


@pytest.mark.parametrize("photo_id", ["1", "0", str(2**63 - 1), str(2**63), "9" * 30, "abc", "-1"])
def test_what_is_not_there_is_404_and_no_error_in_the_log(
    api_as: As, alice: User, photo_id: str, site_errors: Errors
) -> None:
    client, path = api_as(alice), f"/api/v1/photos/{photo_id}/"
    for answer in (
        client.get(path),
        client.delete(path),
        client.put(f"{path}like/"),
        client.delete(f"{path}like/"),
        client.get(f"{path}likes/"),
        client.get(f"{path}comments/"),
        client.post(f"{path}comments/", {"text": "x"}),
    ):
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"
    assert not site_errors()


def test_who_likes_a_photo_newest_first(api_as: As, alice: User, bob: User, carol: User) -> None:
    photo = make_photo(alice)
    for person in (bob, carol):
        like(user=person, photo_id=photo.pk)
    results = api_as(alice).get(f"/api/v1/photos/{photo.pk}/likes/").json()["results"]
    assert [person["username"] for person in results] == ["carol", "bob"]


def test_comments_are_written_read_and_counted(api_as: As, alice: User, bob: User) -> None:
    photo = make_photo(alice)
    path = f"/api/v1/photos/{photo.pk}/"
    written = api_as(bob).post(f"{path}comments/", {"text": " Lovely "})
    assert written.status_code == 201
    assert written.json()["text"] == "Lovely"
    assert api_as(alice).get(f"{path}comments/").json()["results"] == [written.json()]
    assert api_as(alice).get(path).json()["comment_count"] == 1


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "x" * 1001, None, 5.5e400])
def test_comments_that_say_nothing_or_too_much_are_refused(
    api_as: As, alice: User, text: Any
) -> None:
    path = f"/api/v1/photos/{make_photo(alice).pk}/comments/"
    sent = json.dumps({"text": text})
    response = api_as(alice).post(path, sent, content_type="application/json")
    assert response.status_code == 400
    assert not Comment.objects.exists()


def test_comments_are_deleted_by_their_author_or_the_owner_of_the_photo(
    api_as: As, alice: User, bob: User
) -> None:
    photo, other = make_photo(alice), make_photo(alice)
    for person, status in ((make_user("dave"), 403), (alice, 204), (bob, 204)):
        written = comment(author=bob, photo_id=photo.pk, text="Hm")
        elsewhere = f"/api/v1/photos/{other.pk}/comments/{written.pk}/"
        assert api_as(person).delete(elsewhere).status_code == 404
        path = f"/api/v1/photos/{photo.pk}/comments/{written.pk}/"
        assert api_as(person).delete(path).status_code == status


@pytest.mark.parametrize("rows", [3, 20])
@pytest.mark.parametrize(("address", "expected"), [("", 2), ("likes/", 3), ("comments/", 3)])
def test_the_cost_does_not_grow_with_rows(
    api_as: As, alice: User, address: str, expected: int, rows: int
) -> None:
    photo = make_photo(alice)
    for _ in range(rows):
        person = make_user()
        like(user=person, photo_id=photo.pk)
        comment(author=person, photo_id=photo.pk, text="Hi")
    client = api_as(alice)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/api/v1/photos/{photo.pk}/{address}").status_code == 200
    assert len(queries) == expected
