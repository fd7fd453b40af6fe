"""Albums as wholes: made, changed and deleted by their owners, on pages and over the API."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from social.albums.models import Album
from tests.factories import make_photo, make_user
from tests.social.albums.scene import make_album

pytestmark = pytest.mark.django_db
ApiAs = Callable[[User | None], APIClient]
As = Callable[[User | None], Client]


def test_an_album_is_made_over_the_api(api_as: ApiAs, alice: User) -> None:
    answer = api_as(alice).post(
        "/api/v1/me/albums/", {"title": " Summer  2026 ", "text": "by @alice"}
    )
    assert answer.status_code == 201
    body = answer.json()
    assert (body["title"], body["visibility"], body["photo_count"]) == ("Summer 2026", "me", 0)
    assert (body["cover"], body["may_add"], body["is_shared"]) == (None, True, False)
    assert [entity["type"] for entity in body["text_entities"]] == ["mention"]
    assert api_as(alice).get("/api/v1/me/albums/").json()["results"] == [body]


def test_an_album_that_is_sent_twice_is_made_once(api_as: ApiAs, alice: User) -> None:
    client = api_as(alice)
    answers = [
        client.post("/api/v1/me/albums/", {"title": "One"}, headers={"Idempotency-Key": "k"})
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert Album.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "\u200b"),
        ("title", "x" * 81),
        ("visibility", "all"),
        ("text", "x" * 1001),
    ],
)
def test_faulty_values_are_named(
    api_as: ApiAs, browser_as: As, alice: User, field: str, value: str
) -> None:
    words = {"title": "Summer", "visibility": "me", field: value}
    answer = api_as(alice).post("/api/v1/me/albums/", words)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    page = browser_as(alice).post("/albums/new/", words)
    assert page.status_code == 422
    assert page.context["form"].errors.keys() == {field}
    assert not Album.objects.exists()


def test_what_is_left_out_of_a_change_stays(api_as: ApiAs, alice: User) -> None:
    album = make_album(alice, title="Old")
    answer = api_as(alice).patch(f"/api/v1/albums/{album.pk}/", {"text": "New #words"})
    assert (answer.json()["title"], answer.json()["text"]) == ("Old", "New #words")
    assert answer.json()["visibility"] == "everybody"
    assert [entity["value"] for entity in answer.json()["text_entities"]] == ["words"]


@pytest.mark.parametrize("visibility", ["everybody", "me"])
def test_others_cannot_change_or_delete_it(
    api_as: ApiAs, browser_as: As, alice: User, visibility: str
) -> None:
    album, other = make_album(alice, visibility=visibility), make_user()
    status = 403 if visibility == "everybody" else 404
    client, browser = api_as(other), browser_as(other)
    assert client.patch(f"/api/v1/albums/{album.pk}/", {"title": "x"}).status_code == status
    assert client.delete(f"/api/v1/albums/{album.pk}/").status_code == status
    assert client.post(f"/api/v1/albums/{album.pk}/links/", {}).status_code == status
    for page in ("edit", "delete", "share"):
        address = f"/albums/{album.code}/{page}/"
        if page != "delete":
            assert browser.get(address).status_code == status
        assert browser.post(address, {"title": "x", "days": "7"}).status_code == status
    assert browser.get(f"/albums/{album.code}/arrange/").status_code == 404
    album.refresh_from_db()
    assert album.title == "Summer"


def test_an_album_is_made_changed_and_deleted_on_pages(browser_as: As, alice: User) -> None:
    browser = browser_as(alice)
    made = {"title": "Summer", "text": "", "visibility": "me"}
    page = browser.post("/albums/new/", made, follow=True)
    album = Album.objects.get()
    assert page.redirect_chain == [(f"/albums/{album.code}/", 302)]
    changed = {"title": "Winter", "text": "see #snow", "visibility": "everybody"}
    page = browser.post(f"/albums/{album.code}/edit/", changed, follow=True)
    assert "Winter" in page.text
    assert 'href="/tags/snow/"' in page.text
    assert "Everyone who can see your photos" in page.text
    assert "Winter" in browser.get("/albums/").text
    assert "Winter" in browser_as(None).get("/@alice/albums/").text
    delete = f"/albums/{album.code}/delete/"
    assert f'action="{delete}"' in browser.get(f"/albums/{album.code}/").text
    assert browser.get(delete).status_code == 405
    browser.post(delete)
    assert not Album.objects.exists()


def test_a_photo_is_put_into_albums_from_its_page(browser_as: As, alice: User, bob: User) -> None:
    album, photo = make_album(alice), make_photo(bob)
    browser = browser_as(alice)
    sheet = f"/p/{photo.code}/save/"
    assert sheet in browser.get(f"/p/{photo.code}/").text
    add = f"/albums/{album.code}/photos/{photo.code}/add/"
    assert add in browser.get(sheet).text
    page = browser.post(add, follow=True)
    assert page.redirect_chain == [(sheet, 302)]
    assert f"/albums/{album.code}/photos/{photo.code}/remove/" in page.text
    assert photo.code in browser.get(f"/albums/{album.code}/").text


def test_the_database_refuses_an_album_without_a_title(alice: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Album.objects.create(owner=alice, title="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Album.objects.create(owner=alice, title="x", visibility="all")


def test_what_is_typed_is_shown_as_text(browser_as: As, alice: User) -> None:
    album = make_album(alice, title="<b>&amp; hx-get</b>")
    for address in (f"/albums/{album.code}/", "/@alice/albums/"):
        text = browser_as(None).get(address).text
        assert "&lt;b&gt;&amp;amp; hx-get&lt;/b&gt;" in text
        assert "<b>&" not in text
