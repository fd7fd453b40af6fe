"""Rules for every request: bodies over the limit, headers that all answers share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from accounts.models import User
from minigram_site import counters

pytestmark = pytest.mark.database

As = Callable[[User | None], Client]


def test_a_body_over_the_limit_is_refused_before_it_is_parsed(
    client: Client, settings: Any
) -> None:
    settings.MAX_UPLOAD_BYTES = 1024 * 1024
    big = SimpleUploadedFile("big.jpg", b"x" * 2 * 1024 * 1024)
    response = client.post("/upload/", {"image": big})
    assert response.status_code == 413
    assert "1 MB" in response.content.decode()


def test_the_api_says_so_in_its_own_shape(client: Client) -> None:
    response = client.post("/api/v1/photos/", b"x" * 2 * 1024 * 1024, content_type="text/plain")
    assert response.status_code == 413
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "too_large"


def test_a_length_that_is_no_number_is_no_error(client: Client) -> None:
    assert client.get("/healthz", headers={"Content-Length": "ten"}).status_code == 200


def test_every_answer_carries_the_security_headers(client: Client) -> None:
    headers = client.get("/healthz").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]


def test_browsers_keep_no_page_of_a_member(browser_as: As, alice: User) -> None:
    client = browser_as(alice)
    for page in ("/feed/", "/explore/", "/settings/email/", "/nothing/"):
        assert client.get(page)["Cache-Control"] == "private, no-store"
    # The page that such rows are added to may come back as it was left.
    rows = client.get("/explore/", headers={"HX-Request": "true"})
    assert rows["Cache-Control"] == "private, no-cache"


def test_other_answers_are_kept_as_their_views_say(browser_as: As, alice: User) -> None:
    assert "Cache-Control" not in browser_as(None).get("/explore/")
    assert browser_as(alice).get("/sw.js")["Cache-Control"] == "no-cache"
    # nginx would add it to what the picture's own header says.
    assert "Cache-Control" not in browser_as(alice).get("/manifest.webmanifest")


@pytest.mark.django_db
def test_answers_that_needed_no_sql_are_counted_apart(client: Client) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("statements are seen by the engine for PostgreSQL")
    before = _answered()
    client.get("/healthz")
    client.get("/explore/")
    after = _answered()
    assert after["no_sql"] == before["no_sql"] + 1
    assert after["sql"] == before["sql"] + 1


def _answered() -> dict[str, float]:
    pages = {"no_sql": 0.0, "sql": 0.0}
    for name, labels, value in counters.totals():
        if name == "minigram_answers_total" and labels["kind"] == "page":
            pages[labels["source"]] += value
    return pages
