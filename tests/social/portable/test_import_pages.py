"""Who brings an archive along, on the pages and over the API."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from accounts.doors import site
from accounts.models import SiteSettings, User
from social.portable import jobs
from social.portable.models import Import
from tests.factories import picture
from tests.social.portable.archives import photos_of
from tests.social.portable.sending import send, zipped
from tests.social.portable.test_import import described

pytestmark = pytest.mark.django_db(transaction=True)
BrowserAs = Callable[[User | None], Client]
ApiAs = Callable[[User | None], APIClient]
JPEG = {"originals/7-1.jpg": picture()}
HTMX = {"HX-Request": "true"}


def file_of(content: bytes, name: str = "mine.zip") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/zip")


def words_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_without_scripts_a_small_archive_is_one_form(
    alice: User, browser_as: BrowserAs, tmp_path: Path
) -> None:
    browser = browser_as(alice)
    assert "Send the archive" in words_of(browser.get("/settings/import/"))
    pictures = [{"file": "originals/7-1.jpg"}, {"file": "gone.jpg"}]
    content = zipped(tmp_path, described(pictures=pictures), **JPEG)
    seen = words_of(
        browser.post("/settings/import/file/", {"archive": file_of(content)}, follow=True)
    )
    assert "Archive of MiniGram" in seen
    assert "2 pictures are in it. They are from 4 May 2019 to 4 May 2019." in seen
    assert "1 file can’t be imported" in seen
    refused = words_of(browser.get("/settings/import/refused/"))
    assert "gone.jpg" in refused
    assert "doesn’t hold it" in refused
    done = words_of(browser.post("/settings/import/start/", {"audience": "kept"}, follow=True))
    assert "1 picture was imported." in done
    assert len(photos_of(alice)) == 1
    browser.post("/settings/import/stop/")
    assert not Import.objects.exists()
    assert len(photos_of(alice)) == 1


def test_a_file_that_is_none_is_said_at_the_field(alice: User, browser_as: BrowserAs) -> None:
    browser = browser_as(alice)
    for sent, sentence in (
        ({}, "Choose a file."),
        ({"archive": file_of(b"")}, "This file is empty."),
    ):
        answer = browser.post("/settings/import/file/", sent)
        assert answer.status_code == 422
        assert sentence in words_of(answer)


def test_a_script_sends_parts_and_is_told_where_to_go_on(
    alice: User, browser_as: BrowserAs, tmp_path: Path, small_parts: None
) -> None:
    browser = browser_as(alice)
    content = zipped(tmp_path, **JPEG)
    begin = {"name": "mine.zip", "size": len(content)}
    begun = browser.post("/settings/import/begin/", begin).json()
    assert (begun["received"], begun["part_size"]) == (0, 1024)
    part = {"offset": 0, "part": file_of(content[:1024])}
    assert browser.post("/settings/import/parts/", part).json()["received"] == 1024
    assert "1.0" in words_of(browser.get("/settings/import/"))
    again = browser.post("/settings/import/parts/", {**part, "part": file_of(content[:1024])})
    assert (again.status_code, again.json()["received"]) == (409, 1024)
    short = browser.post("/settings/import/parts/", {"offset": 1024, "part": file_of(b"x")})
    assert (short.status_code, short.json()["code"]) == (422, "wrong_part")
    assert browser.post("/settings/import/begin/", begin).json()["received"] == 1024
    assert browser.post("/settings/import/parts/", {"offset": "x"}).status_code == 422


def test_a_part_that_nobody_expects(alice: User, browser_as: BrowserAs) -> None:
    part = {"offset": 0, "part": file_of(b"x")}
    answer = browser_as(alice).post("/settings/import/parts/", part)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_receiving")


def test_while_it_runs_the_page_asks_again_or_goes_on(
    alice: User, browser_as: BrowserAs, tmp_path: Path, by_worker: None, settings: Any
) -> None:
    send(alice, zipped(tmp_path, **JPEG))
    browser = browser_as(alice)
    part = browser.get("/settings/import/", headers=HTMX)
    assert "<html" not in words_of(part)
    assert 'hx-trigger="every 2s"' in words_of(part)
    settings.BACKGROUND_WORKER = False
    assert 'hx-post="/settings/import/"' in words_of(browser.get("/settings/import/"))
    on = browser.post("/settings/import/", headers=HTMX)
    assert "Archive of MiniGram" in words_of(on)


def test_a_choice_that_is_none_is_asked_again(
    alice: User, browser_as: BrowserAs, tmp_path: Path
) -> None:
    send(alice, zipped(tmp_path, **JPEG))
    chosen = {"audience": "everybody", "album_title": "x" * 81}
    answer = browser_as(alice).post("/settings/import/start/", chosen)
    assert answer.status_code == 422
    assert "Archive of MiniGram" in words_of(answer)
    assert photos_of(alice) == []


def test_a_failed_one_says_why_and_another_can_be_sent(alice: User, browser_as: BrowserAs) -> None:
    send(alice, b"This is text.")
    seen = words_of(browser_as(alice).get("/settings/import/"))
    assert "This isn’t a ZIP file." in seen
    assert "Send the archive" in seen


def test_a_site_that_takes_none_says_so(alice: User, browser_as: BrowserAs) -> None:
    site.change(SiteSettings(import_gigabytes=0))
    seen = words_of(browser_as(alice).get("/settings/import/"))
    assert "Archives can’t be imported on this site." in seen
    assert "Send the archive" not in seen


def test_over_the_api(
    alice: User, bob: User, api_as: ApiAs, tmp_path: Path, small_parts: None, by_worker: None
) -> None:
    client = api_as(alice)
    assert client.get("/api/v1/me/import/").status_code == 404
    pictures = [{"file": "originals/7-1.jpg"}, {"file": "gone.jpg"}]
    content = zipped(tmp_path, described(pictures=pictures), **JPEG)
    begun = client.post("/api/v1/me/import/", {"size": len(content), "name": "a.zip"}).json()
    assert (begun["state"], begun["received"]) == ("receiving", 0)
    assert client.get("/api/v1/me/import/").status_code == 206
    at, size = 0, begun["part_size"]
    while at < len(content):
        part = {"offset": at, "part": file_of(content[at : at + size])}
        sent = client.post("/api/v1/me/import/parts/", part, format="multipart")
        assert sent.status_code == 200
        at = sent.json()["received"]
    assert sent.json()["state"] == "reading"
    assert client.post("/api/v1/me/import/start/", {}).json()["code"] == "not_ready"
    assert jobs.work()
    ready = client.get("/api/v1/me/import/").json()
    assert ready["pictures"] == {"found": 2, "imported": 1, "already": 0, "refused": 1, "alone": 0}
    refused = client.get("/api/v1/me/import/refused/").json()["results"]
    assert [(one["name"], one["code"]) for one in refused] == [("gone.jpg", "missing")]
    started = client.post("/api/v1/me/import/start/", {"album_title": "Before"})
    assert (started.status_code, started.json()["state"]) == (202, "importing")
    assert client.post("/api/v1/me/import/", {"size": 5}).json()["code"] == "import_running"
    assert jobs.work()
    done = client.get("/api/v1/me/import/")
    assert (done.status_code, done.json()["state"]) == (200, "done")
    assert len(photos_of(alice)) == 1
    assert api_as(bob).get("/api/v1/me/import/refused/").status_code == 404
    assert client.delete("/api/v1/me/import/").status_code == 204
    assert client.get("/api/v1/me/import/").status_code == 404


def test_the_api_says_why_not(alice: User, api_as: ApiAs, tmp_path: Path) -> None:
    client = api_as(alice)
    large = client.post("/api/v1/me/import/", {"size": 2**50})
    assert (large.status_code, large.json()["code"]) == (422, "archive_too_large")
    begun = client.post("/api/v1/me/import/", {"size": 20})
    assert begun.status_code == 200
    early = {"offset": 5, "part": file_of(b"x" * 15)}
    answer = client.post("/api/v1/me/import/parts/", early, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_offset")
    whole = {"offset": 0, "part": file_of(b"x" * 20)}
    failed = client.post("/api/v1/me/import/parts/", whole, format="multipart").json()
    assert (failed["state"], failed["error"]["code"]) == ("failed", "not_a_zip")
    site.change(SiteSettings(import_gigabytes=0))
    closed = client.post("/api/v1/me/import/", {"size": 20})
    assert (closed.status_code, closed.json()["code"]) == (403, "imports_closed")


def test_the_api_goes_on_with_each_call_where_there_is_no_worker(
    alice: User, api_as: ApiAs, tmp_path: Path
) -> None:
    send(alice, zipped(tmp_path, **JPEG))
    done = api_as(alice).post("/api/v1/me/import/start/", {"audience": "alone"})
    assert (done.status_code, done.json()["state"]) == (200, "done")
    assert done.json()["pictures"]["alone"] == 1


def test_so_many_parts_an_hour(alice: User, api_as: ApiAs, settings: Any) -> None:
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "import": (1, 3600)}
    settings.RATE_LIMITS = True
    client = api_as(alice)
    assert client.post("/api/v1/me/import/", {"size": 5}).status_code == 200
    refused = client.post("/api/v1/me/import/", {"size": 5})
    assert refused.status_code == 429
    assert "Retry-After" in refused.headers
    assert client.delete("/api/v1/me/import/").status_code == 204
