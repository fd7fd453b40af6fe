"""Uploads in two steps over the API: media, photos of several, drafts, originals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from photos.models import Draft, Media, Photo
from social.publishing import tasks
from tests.factories import make_follow, picture, published, upload

pytestmark = pytest.mark.django_db(transaction=True)
As = Callable[[User | None], Any]
URL = "/api/v1/media/"
PHOTOS = "/api/v1/photos/"
DRAFTS = "/api/v1/me/drafts/"


@pytest.fixture
def by_worker(settings: Any) -> None:
    """Leave uploads to a worker; the tests play it."""
    settings.BACKGROUND_WORKER = True
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def send(client: Any, content: bytes | None = None, **fields: Any) -> Any:
    """Upload a file."""
    return client.post(URL, {"image": upload(content), **fields}, format="multipart")


def test_a_file_first_and_the_photo_later(api_as: As, alice: User, bob: User) -> None:
    make_follow(bob, alice)
    client = api_as(alice)
    answers = [send(client, picture(size), alt_text="A lake") for size in [(400, 300), (300, 400)]]
    assert [answer.status_code for answer in answers] == [200, 200]
    first = answers[0].json()
    assert (first["state"], first["width"], first["error"]) == ("ready", 400, None)
    assert client.get(f"{URL}{first['id']}/").json() == first
    ids = [answer.json()["id"] for answer in reversed(answers)]
    made = client.post(PHOTOS, {"media_ids": ids, "caption": "Two"})
    assert made.status_code == 201
    photo = made.json()
    assert photo.pop("state") == "published"
    assert (photo["width"], photo["more"][0]["width"]) == (300, 400)
    assert photo["more"][0]["alt_text"] == "A lake"
    assert api_as(bob).get("/api/v1/feed/").json()["results"] == [{**photo, "liked": False}]
    assert client.get(f"{URL}{first['id']}/").status_code == 404


def test_an_upload_is_described_and_thrown_away(api_as: As, alice: User) -> None:
    client = api_as(alice)
    address = f"{URL}{send(client).json()['id']}/"
    assert client.patch(address, {"alt_text": "A boat"}).json()["alt_text"] == "A boat"
    assert client.patch(address, {"alt_text": "x" * 1001}).status_code == 400
    names = Media.objects.get().file_names
    assert client.delete(address).status_code == 204
    assert not any(default_storage.exists(name) for name in names)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"not a picture", 422, "not_an_image"),
        (b"", 422, "empty_file"),
        (picture()[:2000], 422, "image_truncated"),
        (picture((1, 1)), 422, "image_too_small"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422, "not_an_image"),
    ],
)
def test_what_is_refused_says_why_and_leaves_nothing(
    api_as: As, alice: User, content: bytes, status: int, code: str
) -> None:
    answer = send(api_as(alice), content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["errors"]["image"][0]["detail"].endswith(".")
    assert not Media.objects.exists()


@pytest.mark.usefixtures("by_worker")
def test_with_a_worker_every_step_tells_how_far_it_is(api_as: As, alice: User, bob: User) -> None:
    client = api_as(alice)
    answer = send(client)
    assert (answer.status_code, answer.json()["state"]) == (202, "processing")
    address = f"{URL}{answer.json()['id']}/"
    assert client.get(address).status_code == 206
    waiting = client.post(PHOTOS, {"media_ids": [answer.json()["id"]], "caption": "Soon"})
    assert (waiting.status_code, waiting.json()["state"]) == (202, "processing")
    draft = f"/api/v1/me/drafts/{waiting.json()['id']}/"
    assert client.get("/api/v1/me/drafts/").json()["results"] == [client.get(draft).json()]
    assert api_as(bob).get(draft).status_code == 404
    assert api_as(bob).get(address).status_code == 404
    assert client.get(f"{PHOTOS}{waiting.json()['id']}/").status_code == 404
    assert client.delete(address).json()["code"] == "media_in_use"
    tasks.process_media.call(int(answer.json()["id"]))
    moved = client.get(draft)
    assert moved.status_code == 303
    assert moved["Location"].endswith(f"{PHOTOS}{waiting.json()['id']}/")
    assert client.get(f"{PHOTOS}{waiting.json()['id']}/").json()["caption"] == "Soon"


@pytest.mark.usefixtures("by_worker")
def test_what_the_worker_refuses_is_a_422_with_the_reason(api_as: As, alice: User) -> None:
    client = api_as(alice)
    identifier = send(client, picture()[:1500]).json()["id"]
    tasks.process_media.call(int(identifier))
    answer = client.get(f"{URL}{identifier}/")
    assert (answer.status_code, answer.json()["code"]) == (422, "image_truncated")
    refused = client.post(PHOTOS, {"media_ids": [identifier]})
    assert (refused.status_code, refused.json()["code"]) == (422, "media_failed")
    again = client.post(f"{URL}{identifier}/retry/")
    assert (again.status_code, again.json()["state"]) == (202, "processing")


@pytest.mark.usefixtures("by_worker")
def test_a_draft_is_thrown_away_with_its_files(api_as: As, alice: User) -> None:
    client = api_as(alice)
    sent = client.post(PHOTOS, {"image": upload()}, format="multipart")
    assert sent.status_code == 202
    names = Media.objects.get().file_names
    assert client.delete(f"/api/v1/me/drafts/{sent.json()['id']}/").status_code == 204
    assert not any(default_storage.exists(name) for name in names)
    assert not Draft.objects.exists()


def test_uploads_of_others_and_wrong_numbers_are_refused(
    api_as: As, alice: User, bob: User
) -> None:
    client, mine = api_as(alice), send(api_as(alice)).json()["id"]
    theirs = send(api_as(bob)).json()["id"]
    for media_ids, status, code in [
        ([theirs], 422, "media_not_found"),
        ([mine, theirs], 422, "media_not_found"),
        (["5"], 422, "media_not_found"),
        ([], 422, "media_count"),
        ([mine, mine], 422, "media_count"),
        ([str(number) for number in range(1, 12)], 422, "media_count"),
        (["x"], 400, "invalid"),
        (["99999999999999999999"], 400, "invalid"),
        ("x", 400, "invalid"),
    ]:
        answer = client.post(PHOTOS, {"media_ids": media_ids})
        assert (answer.status_code, answer.json()["code"]) == (status, code), media_ids
    assert client.post(PHOTOS, {"media_ids": [mine], "alt_text": "x"}).status_code == 400
    assert not Photo.objects.exists()
    assert client.post(PHOTOS, {"media_ids": [mine]}).status_code == 201
    assert client.post(PHOTOS, {"media_ids": [mine]}).json()["code"] == "media_not_found"


def test_sent_twice_with_one_key_it_is_uploaded_and_published_once(api_as: As, alice: User) -> None:
    client = api_as(alice)
    key = {"Idempotency-Key": "upload-1"}
    files = [
        client.post(URL, {"image": upload()}, format="multipart", headers=key) for _ in range(2)
    ]
    assert files[0].json() == files[1].json()
    assert Media.objects.count() == 1
    body, key = {"media_ids": [files[0].json()["id"]]}, {"Idempotency-Key": "photo-1"}
    photos = [client.post(PHOTOS, body, headers=key) for _ in range(2)]
    assert [photo.status_code for photo in photos] == [201, 201]
    assert photos[0].json() == photos[1].json()
    assert Photo.objects.count() == 1


def test_the_descriptions_of_all_pictures_can_be_changed(api_as: As, alice: User) -> None:
    client = api_as(alice)
    ids = [send(client).json()["id"] for _ in range(3)]
    photo = client.post(PHOTOS, {"media_ids": ids}).json()
    address = f"{PHOTOS}{photo['id']}/"
    changed = client.patch(address, {"alt_texts": ["one", "two", "three"]}).json()
    assert [changed["alt_text"], *(more["alt_text"] for more in changed["more"])] == [
        "one",
        "two",
        "three",
    ]
    assert client.patch(address, {"alt_texts": ["1", "2", "3", "4"]}).status_code == 400


def test_the_original_is_sent_to_its_owner_only(api_as: As, alice: User, bob: User) -> None:
    content = picture((640, 480))
    photo = published(author=alice, image=upload(content))
    address = f"{PHOTOS}{photo.pk}/originals/1/"
    answer = api_as(alice).get(address)
    assert b"".join(answer.streaming_content) == content
    assert answer["Content-Disposition"] == f'attachment; filename="{photo.code}-1.jpeg"'
    assert answer["Cache-Control"] == "private, no-store"
    assert api_as(bob).get(address).status_code == 403
    assert api_as(None).get(address).status_code == 401
    assert api_as(alice).get(f"{PHOTOS}{photo.pk}/originals/2/").status_code == 404
    assert api_as(alice).get(f"{PHOTOS}{photo.pk}/originals/0/").status_code == 404


@pytest.mark.parametrize("rows", [2, 8])
@pytest.mark.usefixtures("by_worker")
def test_the_list_of_drafts_costs_the_same_however_long(api_as: As, alice: User, rows: int) -> None:
    client = api_as(alice)
    for _ in range(rows):
        client.post(PHOTOS, {"image": upload()}, format="multipart")
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/api/v1/me/drafts/")
    assert len(answer.json()["results"]) == rows
    assert len(queries) == 3


def test_a_draft_is_arranged_and_published_as_the_page_does_it(api_as: As, alice: User) -> None:
    client = api_as(alice)
    first, second, third = (send(client).json()["id"] for _ in range(3))
    made = client.post(DRAFTS, {"media_ids": [first, second], "caption": "Hills"})
    assert (made.status_code, made.json()["state"]) == (201, "unsent")
    address = f"{DRAFTS}{made.json()['id']}/"
    client.patch(f"{URL}{second}/", {"alt_text": "The cover"})
    changed = client.patch(address, {"media_ids": [second, third]})
    assert [one["id"] for one in changed.json()["media"]] == [second, third, first]
    assert changed.json() == client.get(address).json()
    assert (changed.json()["caption"], changed.json()["show_camera"]) == ("Hills", False)
    worded = client.patch(address, {"caption": "Lakes"}).json()
    assert (worded["caption"], worded["media"]) == ("Lakes", changed.json()["media"])
    client.delete(f"{URL}{third}/")
    key = {"Idempotency-Key": "publish-1"}
    photos = [client.post(f"{address}publish/", headers=key) for _ in range(2)]
    assert [photo.status_code for photo in photos] == [201, 201]
    assert photos[0].json() == photos[1].json()
    photo = photos[0].json()
    assert (photo["caption"], photo["alt_text"], len(photo["more"])) == ("Lakes", "The cover", 1)
    assert not Draft.objects.exists()


def test_a_draft_refuses_what_it_cannot_have_and_stays(api_as: As, alice: User, bob: User) -> None:
    client, theirs = api_as(alice), send(api_as(bob)).json()["id"]
    mine = send(client).json()["id"]
    draft = client.post(DRAFTS, {"media_ids": [mine]}).json()
    address = f"{DRAFTS}{draft['id']}/"
    for media_ids in ([theirs], [mine, mine], ["5"]):
        refused = client.patch(address, {"media_ids": media_ids, "caption": "Lost"})
        assert (refused.status_code, refused.json()["code"]) == (422, "media_not_found")
        assert client.post(DRAFTS, {"media_ids": media_ids}).status_code == 422
    assert client.get(f"{DRAFTS}?limit=50").json()["results"] == [draft]
    assert api_as(bob).patch(address, {"caption": "Mine"}).status_code == 404
    assert api_as(bob).post(f"{address}publish/").status_code == 404
    Media.objects.filter(pk=mine).update(state="failed", reason="image_truncated")
    failed = client.post(f"{address}publish/")
    assert (failed.status_code, failed.json()["code"]) == (422, "media_failed")
    Draft.objects.update(sent=True)
    for sent in (client.patch(address, {"caption": "x"}), client.post(f"{address}publish/")):
        assert (sent.status_code, sent.json()["code"]) == (409, "draft_sent")
