"""Web apps of other sites: only those that the site's settings name may read the API's answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.models.site import validate_origins
from tests.accounts.doors.scene import site_with

pytestmark = pytest.mark.django_db
As = Callable[[User | None], APIClient]

APP = "https://app.example.org"
ALLOWED = "Access-Control-Allow-Origin"


def test_nobody_may_where_none_is_named(client: Client) -> None:
    answer = client.get("/api/v1/instance/", HTTP_ORIGIN=APP)
    assert ALLOWED not in answer.headers
    assert "Vary" not in answer.headers


def test_who_is_named_may_and_nobody_else(client: Client) -> None:
    site_with(api_origins=f"https://other.example.org\n{APP}\n")
    answers = [
        client.get("/api/v1/instance/", HTTP_ORIGIN=origin)
        for origin in (APP, "https://app.example.org.evil.org", "http://app.example.org", "null")
    ]
    assert [answer.headers.get(ALLOWED) for answer in answers] == [APP, None, None, None]
    assert {answer["Vary"] for answer in answers} == {"origin"}
    assert "Access-Control-Allow-Credentials" not in answers[0].headers
    assert ALLOWED not in client.get("/login/", HTTP_ORIGIN=APP).headers


def test_a_browser_asks_first_and_is_told_what_it_may_send(client: Client) -> None:
    site_with(api_origins=APP, members_only=True)
    answer = client.options(
        "/api/v1/photos/",
        HTTP_ORIGIN=APP,
        HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST",
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS="authorization,idempotency-key",
    )
    assert (answer.status_code, answer[ALLOWED]) == (200, APP)
    assert {"authorization", "idempotency-key", "x-read-after"} <= set(
        answer["Access-Control-Allow-Headers"].split(", ")
    )
    assert "PUT" in answer["Access-Control-Allow-Methods"]


def test_a_star_stands_for_all_and_refusals_can_be_read(api_as: As) -> None:
    site_with(api_origins="*")
    refused = api_as(None).get("/api/v1/feed/", HTTP_ORIGIN=APP)
    assert (refused.status_code, refused[ALLOWED]) == (401, APP)
    assert "Retry-After" in refused["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("text", ["app.example.org", f"{APP}/", "https://a b", "javascript:x"])
def test_what_is_no_origin_is_not_saved(text: str) -> None:
    validate_origins(f"*\n{APP}:8443\nhttp://[::1]:3000")
    with pytest.raises(ValidationError):
        validate_origins(f"{APP}\n{text}")
