"""Who gets the archive, on the page and over the API."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from photos.files import views
from social.portable import export
from social.portable.models import Export

pytestmark = pytest.mark.django_db(transaction=True)
BrowserAs = Callable[[User | None], Client]
ApiAs = Callable[[User | None], APIClient]


def body_of(answer: Any) -> bytes:
    """Return the bytes of an answer, sent in parts or not."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answer.close()
    return bytes(body)


def test_she_asks_and_downloads_it(alice: User, browser_as: BrowserAs) -> None:
    browser = browser_as(alice)
    assert "Prepare the file" in browser.get("/settings/data/").content.decode()
    answer = browser.post("/settings/data/", follow=True)
    assert "is ready" in answer.content.decode()
    sent = browser.get("/settings/data/archive/")
    assert sent.headers["Content-Type"] == "application/zip"
    assert sent.headers["Cache-Control"] == "private, no-store"
    assert sent.headers["Content-Disposition"].startswith('attachment; filename="alice-')
    assert "index.html" in ZipFile(BytesIO(body_of(sent))).namelist()
    browser.post("/settings/data/delete/")
    assert browser.get("/settings/data/archive/").status_code == 404


def test_nobody_else_gets_it(alice: User, bob: User, browser_as: BrowserAs) -> None:
    found = export.ask(owner=alice)
    assert browser_as(bob).get("/settings/data/archive/").status_code == 404
    assert browser_as(None).get("/settings/data/archive/").status_code == 302
    for path in (f"/media/{found.archive}", f"/media/photos/1/{found.archive.rpartition('/')[2]}"):
        assert browser_as(alice).get(path).status_code == 404


@pytest.mark.parametrize("at_once", [0, views.READ_AT_ONCE])
def test_a_download_goes_on_where_it_was(
    alice: User, browser_as: BrowserAs, monkeypatch: Any, at_once: int
) -> None:
    monkeypatch.setattr(views, "READ_AT_ONCE", at_once)
    export.ask(owner=alice)
    browser = browser_as(alice)
    whole = browser.get("/settings/data/archive/")
    tag, content = whole.headers["ETag"], body_of(whole)
    rest = browser.get("/settings/data/archive/", headers={"Range": "bytes=100-", "If-Range": tag})
    assert rest.status_code == 206
    assert rest.headers["Content-Range"] == f"bytes 100-{len(content) - 1}/{len(content)}"
    assert body_of(rest) == content[100:]
    beyond = browser.get("/settings/data/archive/", headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == 416


def test_behind_nginx_the_file_is_sent_by_nginx(
    alice: User, browser_as: BrowserAs, settings: Any
) -> None:
    found = export.ask(owner=alice)
    settings.MEDIA_ACCEL_PREFIX = "/protected/"
    answer = browser_as(alice).get("/settings/data/archive/")
    assert answer.headers["X-Accel-Redirect"] == f"/protected/{found.archive}"
    assert answer.headers["X-Picture-Cache-Control"] == "private, no-store"
    assert "attachment" in answer.headers["Content-Disposition"]


def test_over_the_api(alice: User, bob: User, api_as: ApiAs, settings: Any) -> None:
    client = api_as(alice)
    assert client.get("/api/v1/me/export/").status_code == 404
    settings.BACKGROUND_WORKER = True
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    asked = client.post("/api/v1/me/export/")
    assert (asked.status_code, asked.json()["state"]) == (202, "making")
    assert client.get("/api/v1/me/export/").status_code == 206
    assert export.work()
    ready = client.get("/api/v1/me/export/").json()
    assert (ready["state"], ready["error"]) == ("ready", None)
    sent = client.get(ready["url"])
    assert len(body_of(sent)) == ready["size"]
    assert api_as(bob).get(ready["url"]).status_code == 404
    assert client.delete("/api/v1/me/export/").status_code == 204
    assert client.get("/api/v1/me/export/file/").status_code == 404


def test_while_it_is_made_the_page_says_how_far(
    alice: User, browser_as: BrowserAs, settings: Any
) -> None:
    Export.objects.create(owner=alice, done=3, total=8)
    settings.BACKGROUND_WORKER = True
    browser = browser_as(alice)
    whole = browser.get("/settings/data/").content.decode()
    assert "3 of 8 pictures" in whole
    part = browser.get("/settings/data/", headers={"HX-Request": "true"}).content.decode()
    assert "3 of 8 pictures" in part
    assert "<html" not in part
