"""One key is one request, whatever shape its body has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory, force_authenticate

from accounts.api.idempotency import idempotent
from accounts.models import IdempotencyKey, User
from minigram_site.api.views import ApiView
from tests.factories import make_photo, upload

As = Callable[[User], APIClient]
KEY = {"Idempotency-Key": "k"}
PHOTOS = "/api/v1/photos/"


def send(client: APIClient, alt_text: str = "") -> str:
    """Upload a picture; return its id."""
    sent = client.post("/api/v1/media/", {"image": upload(), "alt_text": alt_text}, "multipart")
    return str(sent.json()["id"])


@pytest.mark.parametrize("body", ["[]", "[1]", "null", '"text"', "7", "true", "{}"])
def test_a_body_of_any_shape_is_refused_as_without_a_key(
    api_as: As, alice: User, body: str
) -> None:
    paths = [PHOTOS, f"/api/v1/photos/{make_photo(alice).pk}/comments/"]
    for path in paths:
        answer = api_as(alice).post(path, body, content_type="application/json", headers=KEY)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize("form", ["json", "multipart"])
def test_one_key_and_other_uploads_is_a_conflict(api_as: As, alice: User, form: str) -> None:
    client = api_as(alice)
    first, second, third = send(client), send(client), send(client)
    published = client.post(PHOTOS, {"media_ids": [first, third]}, form, headers=KEY)
    assert published.status_code == 201
    again = client.post(PHOTOS, {"media_ids": [first, third]}, form, headers=KEY)
    assert again.json() == published.json()
    other = client.post(PHOTOS, {"media_ids": [second, third]}, form, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


def test_an_answer_of_5xx_is_not_repeated(alice: User) -> None:
    statuses = [503, 201]

    class Create(ApiView):
        @idempotent
        def post(self, request: Any) -> Response:
            """Answer 503 at first, then 201."""
            return Response({}, status=statuses.pop(0))

    def ask() -> int:
        request = APIRequestFactory().post("/", {}, headers=KEY)
        force_authenticate(request, alice)
        return int(Create.as_view()(request).status_code)

    assert [ask(), ask(), ask()] == [503, 201, 201]
    assert not statuses
