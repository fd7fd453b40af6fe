"""Conversation over the API: replies, edits, likes, comments switched off, and tags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.services import suspend
from photos.models import Comment, Photo
from photos.services import comment, delete_comment, edit_photo
from social import follows
from tests.factories import make_follow, make_photo, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]


@pytest.fixture
def photo(alice: User) -> Photo:
    """Return a photo of alice."""
    return make_photo(alice)


@pytest.fixture
def top(photo: Photo, bob: User) -> Comment:
    """Return a comment of bob below it."""
    return comment(author=bob, photo_id=photo.pk, text="Nice")


def address(one: Comment, further: str = "") -> str:
    return f"/api/v1/photos/{one.photo_id}/comments/{one.pk}/{further}"


def test_a_reply_is_written_and_read(api_as: As, alice: User, photo: Photo, top: Comment) -> None:
    client, path = api_as(alice), f"/api/v1/photos/{photo.pk}/comments/"
    written = client.post(path, {"text": "Thanks", "reply_to": str(top.pk)})
    assert written.status_code == 201
    assert written.json()["parent_id"] == str(top.pk)
    (row,) = client.get(path).json()["results"]
    assert row["reply_count"] == 1
    assert [one["text"] for one in row["replies"]] == ["Thanks"]
    assert client.get(address(top)).json() == row
    replies = client.get(address(top, "replies/")).json()["results"]
    assert replies == row["replies"]


def test_a_reply_with_a_key_is_written_once(
    api_as: As, alice: User, photo: Photo, top: Comment
) -> None:
    client, path = api_as(alice), f"/api/v1/photos/{photo.pk}/comments/"
    body = {"text": "Thanks", "reply_to": str(top.pk)}
    answers = [client.post(path, body, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert Comment.objects.filter(parent=top).count() == 1
    other = client.post(path, {"text": "Thanks"}, headers={"Idempotency-Key": "k"})
    assert other.status_code == 422


@pytest.mark.parametrize(("reply_to", "status"), [("7", 404), ("x", 400), ("", 400), (None, 400)])
def test_a_reply_to_nothing_is_refused(
    api_as: As, alice: User, photo: Photo, reply_to: Any, status: int
) -> None:
    body = {"text": "Hm", "reply_to": reply_to}
    path = f"/api/v1/photos/{photo.pk}/comments/"
    assert api_as(alice).post(path, body, format="json").status_code == status
    assert not Comment.objects.exists()


def test_a_reply_to_a_comment_of_another_photo_is_refused(
    api_as: As, alice: User, top: Comment
) -> None:
    other = make_photo(alice)
    path = f"/api/v1/photos/{other.pk}/comments/"
    assert api_as(alice).post(path, {"text": "Hm", "reply_to": str(top.pk)}).status_code == 404


def test_only_the_author_edits(api_as: As, alice: User, bob: User, top: Comment) -> None:
    refused = api_as(alice).patch(address(top), {"text": "Mine"})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    body = api_as(bob).patch(address(top), {"text": "Very nice #sea"}).json()
    assert (body["text"], body["edited"]) == ("Very nice #sea", True)
    assert [one["value"] for one in body["entities"]] == ["sea"]
    assert api_as(bob).patch(address(top), {"text": " "}).status_code == 400
    delete_comment(comment=top)
    assert api_as(bob).patch(address(top), {"text": "Late"}).status_code == 404


def test_likes_are_idempotent(api_as: As, alice: User, bob: User, top: Comment) -> None:
    client = api_as(alice)
    for _ in range(2):
        assert client.put(address(top, "like/")).json() == {"liked": True, "like_count": 1}
    assert api_as(bob).get(address(top)).json()["like_count"] == 1
    for _ in range(2):
        assert client.delete(address(top, "like/")).json() == {"liked": False, "like_count": 0}


def test_comments_switched_off_can_be_read_liked_and_deleted_but_not_written(
    api_as: As, alice: User, bob: User, photo: Photo, top: Comment
) -> None:
    path = f"/api/v1/photos/{photo.pk}/"
    assert api_as(bob).patch(path, {"comments_off": True}).status_code == 403
    assert api_as(alice).patch(path, {"comments_off": True}).json()["comments_off"] is True
    for who in (alice, bob):
        client = api_as(who)
        for answer in (
            client.post(f"{path}comments/", {"text": "Hi"}),
            client.post(f"{path}comments/", {"text": "Hi", "reply_to": str(top.pk)}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "comments_off")
    assert api_as(bob).patch(address(top), {"text": "Else"}).status_code == 403
    assert len(api_as(bob).get(f"{path}comments/").json()["results"]) == 1
    assert api_as(alice).put(address(top, "like/")).status_code == 200
    assert api_as(bob).delete(address(top)).status_code == 204
    api_as(alice).patch(path, {"comments_off": False})
    assert api_as(bob).post(f"{path}comments/", {"text": "Hi"}).status_code == 201


VIEWERS = ["nobody", "stranger", "requester", "follower", "blocked", "owner"]
# Of a public account, of a private one.
READ = ([401, 200, 200, 200, 404, 200], [401, 404, 404, 200, 404, 200])
MATRIX = {
    ("get", "photos/{photo}/comments/{comment}/"): READ,
    ("get", "photos/{photo}/comments/{comment}/replies/"): READ,
    ("put", "photos/{photo}/comments/{comment}/like/"): READ,
    ("delete", "photos/{photo}/comments/{comment}/like/"): READ,
    ("patch", "photos/{photo}/comments/{comment}/"): (
        [401, 403, 403, 403, 404, 200],
        [401, 404, 404, 403, 404, 200],
    ),
}


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize(("method", "path"), MATRIX)
def test_every_address_answers_every_viewer_as_the_table_says(
    api_as: As, method: str, path: str, private: bool
) -> None:
    owner, people = make_user("olga", private=private), {name: make_user(name) for name in VIEWERS}
    photo = make_photo(owner)
    written = comment(author=owner, photo_id=photo.pk, text="Mine")
    make_follow(people["follower"], owner)
    follows.follow(follower=people["requester"], followee=owner)
    follows.block(blocker=owner, blocked=people["blocked"])
    answers = []
    for name in VIEWERS:
        client = api_as({"nobody": None, "owner": owner}.get(name, people[name]))
        url = f"/api/v1/{path.format(photo=photo.pk, comment=written.pk)}"
        answers.append(getattr(client, method)(url, {"text": "New"}).status_code)
    assert answers == MATRIX[method, path][private]
    suspend(user=owner)
    gone = getattr(api_as(people["follower"]), method)(url, {"text": "New"})
    assert gone.status_code == 404


# ---------------------------------------------------------------- tags
def test_the_page_of_a_tag_has_what_the_viewer_may_see_and_says_nothing_of_the_rest(
    api_as: As, browser_as: As, alice: User, bob: User, carol: User
) -> None:
    public = make_photo(alice, caption="#Sea and #sea")
    private = make_photo(carol, caption="#SEA #secret")
    make_follow(bob, carol)

    def ids(viewer: User, tag: str) -> list[str]:
        body = api_as(viewer).get(f"/api/v1/tags/{tag}/photos/").json()
        return [row["id"] for row in body["results"]]

    assert ids(alice, "sea") == [str(public.pk)]
    assert ids(bob, "SEA") == [str(private.pk), str(public.pk)]
    assert ids(alice, "secret") == ids(alice, "unused") == []
    secret, unused = (browser_as(None).get(f"/tags/{tag}/") for tag in ("secret", "unused"))
    assert (secret.status_code, unused.status_code) == (200, 200)
    secret_main, unused_main = (page.text.partition("<main")[2] for page in (secret, unused))
    assert secret_main.replace("secret", "unused") == unused_main
    follows.block(blocker=alice, blocked=bob)
    assert ids(bob, "sea") == [str(private.pk)]
    edit_photo(photo=public, caption="No tag")
    assert ids(alice, "sea") == []


@pytest.mark.parametrize("rows", [2, 20])
def test_the_page_of_a_tag_costs_the_same_however_many_photos(
    api_as: As, alice: User, rows: int
) -> None:
    for _ in range(rows):
        make_photo(make_user(), caption="#sea")
    client = api_as(alice)
    with CaptureQueriesContext(connection) as queries:
        assert len(client.get("/api/v1/tags/sea/photos/").json()["results"]) == rows
    assert len(queries) == 3


def test_walking_through_a_tag_meets_every_photo_once(api_as: As, alice: User) -> None:
    expected = [str(make_photo(alice, caption="#sea").pk) for _ in range(9)]
    url, met = "/api/v1/tags/sea/photos/?limit=4", []
    while url:
        body = api_as(alice).get(url).json()
        met += [row["id"] for row in body["results"]]
        url = body["next"]
    assert met == expected[::-1]


def test_any_spelling_leads_to_the_one_address_of_a_tag(browser_as: As, alice: User) -> None:
    make_photo(alice, caption="#Été au lac")
    client = browser_as(None)
    for spelling in ("Été", "E\u0301te\u0301", "ÉTÉ"):
        assert client.get(f"/tags/{spelling}/")["Location"] == "/tags/%C3%A9t%C3%A9/"
    page = client.get("/tags/été/")
    assert '<h1 dir="auto">#Été</h1>' in page.text
    for nothing in ("12", "a b", "%00", "x" * 101):
        assert client.get(f"/tags/{nothing}/").status_code == 404


def test_names_are_suggested_to_members_with_those_they_follow_first(
    browser_as: As, alice: User, bob: User
) -> None:
    for name in ("lea", "lena", "leo"):
        make_user(name)
    make_follow(alice, User.objects.get(username="leo"))
    suspend(user=User.objects.get(username="lea"))
    client = browser_as(alice)

    def names(typed: str) -> list[str]:
        return [one["username"] for one in client.get(f"/mentions/?q={typed}").json()["people"]]

    assert names("LE") == ["leo", "lena"]
    for typed in ("", "l", "%25%25", "le'", "le" * 20, "lé"):
        assert names(typed) == []
    follows.block(blocker=User.objects.get(username="lena"), blocked=alice)
    with CaptureQueriesContext(connection) as queries:
        assert names("le") == ["leo"]
    assert len(queries) == 3
    assert browser_as(None).get("/mentions/?q=le").status_code == 302
