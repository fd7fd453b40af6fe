"""The page of a draft, its steps without JavaScript, and what other programs share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from photos.models import Draft, Media, Photo
from tests.factories import picture, upload

pytestmark = pytest.mark.django_db(transaction=True)
As = Callable[[User | None], Client]


def send(client: Client) -> dict[str, Any]:
    """Send one file as the page's script does."""
    answer: dict[str, Any] = client.post("/upload/media/", {"image": upload()}).json()
    return answer


def test_refused_files_are_told_and_the_rest_is_a_draft(browser_as: As, alice: User) -> None:
    client = browser_as(alice)
    files = [upload(), upload(b"not a picture")]
    response = client.post("/upload/", {"image": files, "caption": "Kept"}, follow=True)
    page = response.content.decode()
    assert response.redirect_chain[0][0] == Draft.objects.get().get_absolute_url()
    assert "This isn’t a picture" in page
    assert "Kept" in page
    assert Media.objects.get().draft is not None


def test_an_upload_is_seen_turned_and_cropped_by_its_owner_alone(
    browser_as: As, alice: User, bob: User
) -> None:
    client = browser_as(alice)
    media = send(client)
    answer = client.get(media["whole"])
    assert answer["Cache-Control"].startswith("private")
    assert b"".join(answer.streaming_content).startswith(b"RIFF")  # type: ignore[attr-defined]
    assert browser_as(bob).get(media["whole"]).status_code == 404
    adjusted = client.post(
        f"/upload/media/{media['id']}/adjust/", {"turn": "1", "crop": "0,0,0.5,1"}
    ).json()
    assert (adjusted["turn"], adjusted["crop"]) == (1, [0, 0, 0.5, 1])
    assert adjusted["shown"] != adjusted["whole"] == media["whole"]
    shown = client.get(adjusted["shown"])
    assert b"".join(shown.streaming_content).startswith(b"RIFF")  # type: ignore[attr-defined]
    other = f"/upload/media/{media['id']}/adjust/"
    assert browser_as(bob).post(other, {"turn": "1"}).status_code == 404
    assert client.post(other, {"turn": "1", "crop": "2,0,1,1"}).status_code == 422
    original = Media.objects.get().original.rpartition("/")[2]
    assert client.get(f"/upload/media/{media['id']}/files/{original}").status_code == 404


def test_a_draft_is_saved_and_published_by_the_script(browser_as: As, alice: User) -> None:
    client = browser_as(alice)
    media = send(client)
    saved = client.post("/upload/save/", {"media": media["id"], "caption": "Half"}).json()
    page = client.get(saved["address"]).content.decode()
    assert media["id"] in page
    assert "Half" in page
    assert "unfinished draft" in client.get("/upload/").content.decode()
    assert "Half" in client.get("/drafts/").content.decode()
    fields = {"media": media["id"], "draft": saved["id"], "caption": "Whole"}
    answer = client.post("/upload/arrange/", fields)
    assert answer.json() == {"address": Photo.objects.get().get_absolute_url()}
    assert client.post("/upload/arrange/", fields).json() == answer.json()
    assert not Draft.objects.exists()


def test_what_another_program_shares_becomes_a_draft(browser_as: As, alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    shared = {"files": [upload(), upload(picture((300, 400)))], "title": "Sunday", "text": "Lake"}
    response = client.post("/upload/share/", shared, headers={"sec-fetch-site": "none"})
    draft = Draft.objects.get()
    assert response["Location"] == draft.get_absolute_url()
    assert draft.caption == "Sunday\nLake"
    assert draft.media.count() == 2
    assert not Photo.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}],
    ids=["by another site", "of another origin"],
)
def test_another_site_shares_nothing(browser_as: As, alice: User, headers: dict[str, str]) -> None:
    response = browser_as(alice).post("/upload/share/", {"files": upload()}, headers=headers)
    assert response["Location"] == "/upload/"
    assert not Draft.objects.exists()
    assert not Media.objects.exists()


def test_visitors_are_asked_to_log_in_and_share_again(browser_as: As) -> None:
    response = browser_as(None).post("/upload/share/", {"files": upload()}, follow=True)
    assert response.redirect_chain[0][0] == "/login/"
    assert "Log in first, and then share your photos again." in response.content.decode()
    assert not Media.objects.exists()


def test_nothing_that_is_shared_is_said(browser_as: As, alice: User) -> None:
    client = browser_as(alice)
    response = client.post("/upload/share/", {"files": upload(b"words")}, follow=True)
    assert "This isn’t a picture" in response.content.decode()
    empty = client.post("/upload/share/", {}, follow=True)
    assert "What you shared had no photo in it." in empty.content.decode()
