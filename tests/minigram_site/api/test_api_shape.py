"""Errors in one shape, and a description of the API that is complete and without warnings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.conf import settings as site
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from photos.formats import ACCEPTED_TYPES
from social import feed
from tests.factories import make_photo

pytestmark = pytest.mark.django_db
As = Callable[[User | None], APIClient]

PROMISED = {
    "/api/v1/auth/register/": {"post"},
    "/api/v1/auth/token/": {"post"},
    "/api/v1/auth/token/refresh/": {"post"},
    "/api/v1/auth/logout/": {"post"},
    "/api/v1/me/": {"get", "patch", "delete"},
    "/api/v1/users/{username}/": {"get"},
    "/api/v1/users/{username}/photos/": {"get"},
    "/api/v1/users/{username}/followers/": {"get"},
    "/api/v1/users/{username}/following/": {"get"},
    "/api/v1/users/{username}/follow/": {"put", "delete"},
    "/api/v1/me/requests/": {"get"},
    "/api/v1/me/requests/{username}/": {"put", "delete"},
    "/api/v1/photos/": {"post"},
    "/api/v1/photos/{photo_id}/": {"get", "patch", "delete"},
    "/api/v1/photos/{photo_id}/like/": {"put", "delete"},
    "/api/v1/photos/{photo_id}/likes/": {"get"},
    "/api/v1/photos/{photo_id}/comments/": {"get", "post"},
    "/api/v1/photos/{photo_id}/comments/{comment_id}/": {"delete"},
    "/api/v1/feed/": {"get"},
    "/api/v1/explore/": {"get"},
    "/api/v1/instance/": {"get"},
}


@pytest.mark.parametrize("half", ["\\ud800", "x\\udfffy"])
def test_a_sentence_that_quotes_half_a_surrogate_pair_is_an_answer(
    api_as: As, alice: User, half: str
) -> None:
    body = '{"title": "Sea", "visibility": "%s"}' % half  # noqa: UP031 - braces are JSON's
    answer = api_as(alice).post("/api/v1/me/albums/", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"]["visibility"][0]["code"] == "invalid_choice"


def test_every_error_has_the_one_shape(api_as: As, alice: User, client: Client) -> None:
    member, photo = api_as(alice), make_photo(alice)
    broken = member.post(
        f"/api/v1/photos/{photo.pk}/comments/", "{", content_type="application/json"
    )
    answers = {
        (401, "not_authenticated"): api_as(None).get("/api/v1/feed/"),
        (404, "not_found"): member.get("/api/v1/nothing/"),
        (405, "method_not_allowed"): member.post("/api/v1/feed/"),
        (415, "unsupported_media_type"): member.post(
            "/api/v1/auth/token/", "x", content_type="text/plain"
        ),
        (400, "parse_error"): broken,
        (400, "invalid"): member.post(f"/api/v1/photos/{photo.pk}/comments/", {}),
    }
    for (status, code), answer in answers.items():
        assert answer.status_code == status
        assert answer["Content-Type"] == "application/problem+json"
        body = json.loads(answer.content)
        assert (body["status"], body["code"]) == (status, code)
        assert body["detail"].endswith(".")
    assert answers[(405, "method_not_allowed")]["Allow"] == "GET, HEAD, OPTIONS"


def test_who_takes_nothing_but_problems_is_answered(api_as: As, alice: User) -> None:
    """Generated clients say so where an operation answers 204, or an error."""
    photo, client = make_photo(alice), api_as(alice)
    answer = client.delete(f"/api/v1/photos/{photo.pk}/", HTTP_ACCEPT="application/problem+json")
    assert answer.status_code == 204
    missing = client.get(f"/api/v1/photos/{photo.pk}/", HTTP_ACCEPT="application/problem+json")
    assert (missing.status_code, missing["Content-Type"]) == (404, "application/problem+json")


def test_lists_where_objects_are_expected_are_refused(api_as: As) -> None:
    for path in ("auth/register/", "auth/token/", "auth/token/refresh/", "auth/logout/"):
        response = api_as(None).post(f"/api/v1/{path}", "[1]", content_type="application/json")
        assert response.status_code == 400


def test_a_fault_of_ours_is_a_500_in_the_same_shape(
    alice: User, monkeypatch: pytest.MonkeyPatch, api_as: As
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("oh")

    monkeypatch.setattr(feed, "feed_page", fail)
    client = api_as(alice)
    client.raise_request_exception = False
    response = client.get("/api/v1/feed/")
    assert response.status_code == 500
    assert response.json()["code"] == "server_error"
    assert "oh" not in response.content.decode()


def test_writes_are_limited_and_reads_are_not(api_as: As, alice: User, settings: Any) -> None:
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "write": (2, 60)}
    photo, client = make_photo(alice), api_as(alice)
    answers = [client.put(f"/api/v1/photos/{photo.pk}/like/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) > 0
    assert {client.get(f"/api/v1/photos/{photo.pk}/").status_code for _ in range(9)} == {200}


def test_the_site_tells_what_it_accepts(api_as: As) -> None:
    body = api_as(None).get("/api/v1/instance/").json()
    assert body["name"] == "MiniGram"
    assert body["version"] == site.VERSION
    assert body["accepted_types"] == list(ACCEPTED_TYPES)
    assert body["max_upload_bytes"] == site.MAX_UPLOAD_BYTES


def test_the_description_is_complete_and_without_warnings(client: Client) -> None:
    out = StringIO()
    call_command(
        "spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=out
    )
    paths = json.loads(out.getvalue())["paths"]
    for path, methods in PROMISED.items():
        assert methods <= set(paths[path]), path
    listing = paths["/api/v1/feed/"]["get"]["responses"]["200"]["content"]["application/json"]
    assert listing["schema"]["$ref"].startswith("#/components/schemas/Paginated")
    assert client.get("/api/schema/").status_code == 200


def test_no_operation_takes_two_bodies_of_one_type() -> None:
    for operation in _operations():
        content = operation.get("requestBody", {}).get("content", {})
        names = [body["schema"]["$ref"] for body in content.values()]
        assert len(set(names)) == len(names), operation["operationId"]


def test_an_operation_says_what_it_was_told_to_say_and_no_docstring() -> None:
    text = json.dumps(list(_operations()))
    assert "``" not in text
    for operation in _operations():
        assert operation["summary"]
        assert not operation.get("description", "").startswith("Answer ")


def test_the_documentation_names_no_foreign_address(client: Client) -> None:
    html = client.get("/api/docs/").content.decode()
    assert "swagger-ui" in html
    assert "https://" not in html


def _operations() -> Iterator[dict[str, Any]]:
    """Yield the operations of the OpenAPI document."""
    out = StringIO()
    call_command("spectacular", "--format", "openapi-json", stdout=out)
    for path in json.loads(out.getvalue())["paths"].values():
        yield from path.values()
