"""The upload page and its steps: several files, one by one, drafts, descriptions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from photos.forms import ArrangeForm
from photos.models import Draft, Media, Photo
from social.publishing import publish, tasks
from tests.factories import make_photo, picture, published, upload
from tests.photos.image_files import FORMATS, detailed, encoded
from tests.social.lean import ONE_LESS, sent

# Files are deleted when a transaction has really happened.
pytestmark = pytest.mark.django_db(transaction=True)
As = Callable[[User | None], Client]


@pytest.fixture
def by_worker(settings: Any) -> None:
    """Leave uploads to a worker; the tests play it."""
    settings.BACKGROUND_WORKER = True
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def send(client: Client, content: bytes | None = None) -> Any:
    """Send one file as the page's script does."""
    return client.post("/upload/media/", {"image": upload(content)})


@pytest.mark.slow
def test_every_format_goes_in_through_the_page_and_the_api(
    browser_as: As, api_as: Callable[[User | None], Any], alice: User
) -> None:
    contents = [encoded(detailed(640, 400), kind) for kind in FORMATS]
    page = browser_as(alice).post("/upload/", {"image": [upload(one) for one in contents]})
    assert page.status_code == 302
    api = api_as(alice)
    ids = [
        api.post("/api/v1/media/", {"image": upload(one)}, format="multipart").json()["id"]
        for one in contents
    ]
    assert api.post("/api/v1/photos/", {"media_ids": ids}).status_code == 201
    assert Photo.objects.count() == 2
    for photo in Photo.objects.all():
        assert [(one.width, one.height) for one in photo.pictures] == [(640, 400)] * len(FORMATS)
        for one in photo.pictures:
            assert [width for width, _, _ in one.renditions] == [320, 640]


def test_without_javascript_several_files_are_one_photo(browser_as: As, alice: User) -> None:
    files = [upload(picture((400, 300))), upload(picture((300, 400)))]
    fields = {"image": files, "caption": "Two", "alt_text": "The first", "show_camera": "on"}
    response = browser_as(alice).post("/upload/", fields)
    photo = Photo.objects.get()
    assert response["Location"] == photo.get_absolute_url()
    assert [one.alt_text for one in photo.pictures] == ["The first", ""]
    assert photo.show_camera
    page = browser_as(None).get(photo.get_absolute_url()).content.decode()
    assert 'aria-label="Picture 2 of 2"' in page
    assert f"/media/photos/{photo.code}/" in page
    assert ".jpg" in page.partition('property="og:image"')[2][:200]


def test_files_that_are_all_refused_keep_what_was_typed(browser_as: As, alice: User) -> None:
    files = [upload(b"not a picture"), upload(b"")]
    response = browser_as(alice).post("/upload/", {"image": files, "caption": "Kept"})
    assert response.status_code == 422
    assert "This isn’t a picture" in response.content.decode()
    assert "Kept" in response.content.decode()
    assert not Media.objects.exists()
    many = browser_as(alice).post("/upload/", {"image": [upload() for _ in range(11)]})
    assert "up to 10 pictures" in many.content.decode()


def test_files_one_by_one_become_a_photo(browser_as: As, alice: User) -> None:
    client = browser_as(alice)
    ids = [send(client).json()["id"] for _ in range(3)]
    assert client.post(f"/upload/media/{ids[1]}/discard/").status_code == 204
    fields = {"media": [ids[2], ids[0]], f"alt_{ids[0]}": "Zero", "caption": "One by one"}
    answer = client.post("/upload/arrange/", fields)
    photo = Photo.objects.get()
    assert answer.json() == {"address": photo.get_absolute_url()}
    assert [one.alt_text for one in photo.pictures] == ["", "Zero"]
    assert not Media.objects.exists()
    # The first answer was lost on its way: nothing is published twice.
    assert client.post("/upload/arrange/", fields).json() == answer.json()
    assert Photo.objects.count() == 1


def test_a_second_try_that_waited_for_the_first_is_answered_alike(
    browser_as: As, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser_as(alice)
    fields = {"media": [send(client).json()["id"]]}
    is_valid, first = ArrangeForm.is_valid, []

    def wait(form: ArrangeForm) -> bool:
        monkeypatch.setattr(ArrangeForm, "is_valid", is_valid)
        first.append(client.post("/upload/arrange/", fields).json())
        return form.is_valid()

    monkeypatch.setattr(ArrangeForm, "is_valid", wait)
    assert client.post("/upload/arrange/", fields).json() == first[0]
    assert Photo.objects.count() == 1


def test_which_uploads_were_thrown_away_is_said(browser_as: As, alice: User) -> None:
    client = browser_as(alice)
    ids = [send(client).json()["id"] for _ in range(2)]
    client.post(f"/upload/media/{ids[1]}/discard/")
    answer = client.post("/upload/arrange/", {"media": ids})
    assert (answer.status_code, answer.json()["gone"]) == (422, [ids[1]])


def test_a_file_of_somebody_else_is_out_of_reach(browser_as: As, alice: User, bob: User) -> None:
    theirs = send(browser_as(bob)).json()["id"]
    client = browser_as(alice)
    client.post(f"/upload/media/{theirs}/discard/")
    answer = client.post("/upload/arrange/", {"media": [theirs]})
    assert answer.status_code == 422
    assert answer.json()["detail"].endswith(".")
    assert Media.objects.count() == 1
    assert client.post("/upload/arrange/", {"media": ["x"]}).status_code == 422
    assert browser_as(None).post("/upload/media/", {"image": upload()}).status_code == 302


def test_what_a_file_is_refused_for_is_said(browser_as: As, alice: User) -> None:
    client = browser_as(alice)
    assert "isn’t a picture" in send(client, b"text").json()["detail"]
    assert client.post("/upload/media/").json()["detail"] == "Choose a picture."


@pytest.mark.usefixtures("by_worker")
def test_a_photo_in_the_making_is_seen_by_its_author_only(
    browser_as: As, alice: User, bob: User
) -> None:
    client = browser_as(alice)
    response = client.post("/upload/", {"image": upload(picture()[:1500]), "caption": "Soon"})
    assert response["Location"] == "/drafts/"
    assert "is being prepared" in client.get("/drafts/").content.decode()
    assert "/drafts/" in client.get("/@alice/").content.decode()
    seen = browser_as(bob).get("/@alice/").content.decode()
    assert "/drafts/" not in seen.partition("<main")[2]
    assert "Soon" not in browser_as(bob).get("/drafts/").content.decode()
    tasks.process_media.call(Media.objects.get().pk)
    page = client.get("/drafts/").content.decode()
    assert "The end of this picture is missing" in page
    draft = Draft.objects.get()
    assert browser_as(bob).post(f"/drafts/{draft.pk}/retry/").status_code == 404
    assert browser_as(bob).post(f"/drafts/{draft.pk}/discard/").status_code == 404
    assert client.post(f"/drafts/{draft.pk}/retry/").status_code == 302
    assert Media.objects.get().state == "processing"
    client.post(f"/drafts/{draft.pk}/discard/")
    assert not Media.objects.exists()


def test_a_second_try_in_the_request_publishes(browser_as: As, alice: User, settings: Any) -> None:
    settings.BACKGROUND_WORKER = True
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    draft = publish(author=alice, image=upload())
    Media.objects.update(state="failed", reason="processing_failed")
    settings.BACKGROUND_WORKER = False
    response = browser_as(alice).post(f"/drafts/{draft.pk}/retry/")
    assert response["Location"] == Photo.objects.get().get_absolute_url()


def test_every_picture_is_described_on_the_edit_page(browser_as: As, alice: User) -> None:
    client = browser_as(alice)
    client.post("/upload/", {"image": [upload(), upload()]})
    photo = Photo.objects.get()
    address = f"{photo.get_absolute_url()}edit/"
    assert "Description of picture 2" in client.get(address).content.decode()
    client.post(address, {"caption": "c", "alt_text": "one", "alt_text_2": "two"})
    photo.refresh_from_db()
    assert [one.alt_text for one in photo.pictures] == ["one", "two"]
    original: Any = client.get(f"{photo.get_absolute_url()}original/2/")
    assert b"".join(original.streaming_content) == picture()


def test_an_original_is_for_its_owner(browser_as: As, alice: User, bob: User) -> None:
    photo = published(author=alice, image=upload())
    assert browser_as(bob).get(f"{photo.get_absolute_url()}original/1/").status_code == 403
    assert browser_as(None).get(f"{photo.get_absolute_url()}original/1/").status_code == 302
    gone = make_photo(alice)
    assert browser_as(alice).get(f"{gone.get_absolute_url()}original/1/").status_code == 404


@pytest.mark.parametrize("rows", [2, 8])
@pytest.mark.usefixtures("by_worker")
def test_the_page_of_drafts_costs_the_same_however_long(
    browser_as: As, alice: User, rows: int
) -> None:
    for _ in range(rows):
        publish(author=alice, image=[upload(), upload()])
    client = browser_as(alice)
    client.get("/drafts/")
    with sent() as statements:
        html = client.get("/drafts/").content.decode()
    assert html.count("<article") == rows
    assert len(statements) == 5 - ONE_LESS
