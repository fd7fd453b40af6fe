"""Pages are compressed where nothing in front of the site does it."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory

from minigram_site.web.bodies.compression import compress_words

PAGE = b"<p>A page of some length.</p>" * 100
FORMS = pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip, deflate, br, zstd", True),
        ("br;q=1.0, gzip;q=0.8", True),
        ("*", True),
        ("gzip;q=0", False),
        ("GZIP; q=0.000", False),
        ("identity", False),
        ("", False),
    ],
)


def answered(response: HttpResponseBase, accepted: str = "gzip") -> HttpResponseBase:
    """Return what becomes of a response for a browser that accepts this."""
    request = RequestFactory().get("/", headers={"Accept-Encoding": accepted})
    handler: Any = compress_words(lambda _request: response)  # type: ignore[arg-type, return-value]
    found: HttpResponseBase = handler(request)
    return found


@FORMS
def test_a_page_is_packed_for_who_can_unpack_it(accepted: str, packed: bool) -> None:
    response = answered(HttpResponse(PAGE, headers={"ETag": '"one"'}), accepted)
    assert isinstance(response, HttpResponse)
    assert ("Content-Encoding" in response.headers) is packed
    content = gzip.decompress(response.content) if packed else response.content
    assert content == PAGE
    assert response["ETag"] == ('W/"one"' if packed else '"one"')
    assert response["Vary"] == "Accept-Encoding"
    if packed:
        assert len(response.content) < 400
        assert response["Content-Length"] == str(len(response.content))


def test_the_length_of_a_page_does_not_tell_its_secrets() -> None:
    lengths = {len(answered(HttpResponse(PAGE)).content) for _ in range(50)}  # type: ignore[attr-defined]
    assert len(lengths) > 10


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse(PAGE, content_type="image/webp"),
        HttpResponse(PAGE, content_type="application/zip"),
        HttpResponse(PAGE, content_type="application/json"),
        HttpResponse(PAGE, headers={"Content-Encoding": "br"}),
        HttpResponse(b"short"),
        StreamingHttpResponse([PAGE]),
        FileResponse([PAGE], content_type="text/plain"),
    ],
    ids=["picture", "archive", "json", "packed", "short", "stream", "file"],
)
def test_other_answers_stay_as_they_are(response: HttpResponseBase) -> None:
    encoding = response.headers.get("Content-Encoding")
    assert answered(response).headers.get("Content-Encoding") == encoding
    assert "Vary" not in response.headers


def test_nothing_is_packed_twice_behind_a_proxy(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    with pytest.raises(MiddlewareNotUsed):
        compress_words(lambda request: HttpResponse())


@pytest.mark.django_db
def test_pages_and_errors_of_the_site_are_packed(client: Client) -> None:
    for address in ("/login/", "/nothing/", "/manifest.webmanifest"):
        packed = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert packed["Content-Encoding"] == "gzip", address
        assert gzip.decompress(packed.content)
    assert not client.get("/login/").has_header("Content-Encoding")
