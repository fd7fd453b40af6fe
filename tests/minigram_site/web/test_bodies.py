"""Bodies of requests: what was cut off is not carried out, what is chunked is read."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse, UnreadablePostError
from django.test import Client, RequestFactory

from accounts.models import User
from minigram_site.web.bodies.refused import (
    UnnamedUploadHandler,
    WholeBody,
    refusal,
    with_whole_bodies,
)

FORM = b"is_private=on&padding=xx"
PATH = "/settings/privacy/"


def ask(
    body: bytes | BytesIO, headers: dict[str, Any] | None = None, path: str = "/upload/"
) -> tuple[HttpResponse | None, bytes]:
    """Send a form; return what refuses it, and the form as the site would have read it."""
    seen: list[tuple[HttpResponse | None, bytes]] = []

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = RequestFactory().request(**environ)
        refused = refusal(request)
        seen.append((refused, b"" if refused else request.read()))
        return []

    stream = BytesIO(body) if isinstance(body, bytes) else body
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "wsgi.input": stream,
        "wsgi.input_terminated": True,
        **(headers or {}),
    }
    with_whole_bodies(application)(environ, None)  # type: ignore[arg-type]
    return seen[0]


class Broken(BytesIO):
    """A stream that fails."""

    def read(self, size: int | None = -1) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("read", ["read", "readline"])
def test_a_body_that_ends_too_early_is_an_error(read: str) -> None:
    body = WholeBody(BytesIO(b"half"), 8)
    with pytest.raises(ConnectionError):
        getattr(body, read)()


def test_a_body_that_came_whole_is_read_to_its_end_and_no_further() -> None:
    body = WholeBody(BytesIO(b"one\ntwo\nmore"), 8)
    assert [body.readline(), body.read(2), body.read(), body.read(), body.readline()] == [
        b"one\n",
        b"tw",
        b"o\n",
        b"",
        b"",
    ]


def test_a_form_that_was_cut_off_is_not_carried_out() -> None:
    headers = {
        "CONTENT_LENGTH": str(len(FORM)),
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
    }
    refused, _ = ask(FORM[:-5], headers)
    assert refused is not None
    assert refused.status_code == 400


def test_json_that_was_cut_off_is_an_error_for_whoever_reads_it() -> None:
    headers = {"CONTENT_LENGTH": "9", "CONTENT_TYPE": "application/json"}
    with pytest.raises(UnreadablePostError):
        ask(b'{"a": ', headers, "/api/v1/me/")


@pytest.mark.parametrize("size", [3, 3_000_000])
def test_a_chunked_body_is_read_as_one_with_a_length(size: int) -> None:
    headers = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_TYPE": "multipart/form-data"}
    assert ask(b"x" * size, headers, "/api/v1/photos/") == (None, b"x" * size)


def test_a_chunked_body_over_the_limit_is_too_large() -> None:
    headers = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_TYPE": "application/json"}
    stream = BytesIO(b"x" * 3_000_000)
    refused, _ = ask(stream, headers, "/api/v1/me/")
    assert refused is not None
    assert refused.status_code == 413
    assert stream.tell() < 2_000_000


def test_a_chunked_body_without_an_end_is_refused_with_411(client: Client) -> None:
    answer = client.post("/api/v1/auth/token/", {}, headers={"Transfer-Encoding": "chunked"})
    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")
    assert client.post("/login/", {}, headers={"Transfer-Encoding": "chunked"}).status_code == 411


def test_no_room_for_a_body_is_507() -> None:
    headers = {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
    }
    refused, _ = ask(Broken(), headers)
    assert refused is not None
    assert refused.status_code == 507


@pytest.mark.parametrize("charset", ["utf-16", "no-such", "iso-8859-1"])
def test_only_utf_8_is_understood(client: Client, charset: str) -> None:
    for path, kind in [
        (PATH, "application/x-www-form-urlencoded"),
        ("/api/v1/auth/token/", "application/json"),
        ("/api/v1/photos/", "multipart/form-data; boundary=b"),
        ("/explore/?sort=%ff", "text/plain"),
    ]:
        answer = client.generic("POST", path, b"{}", f"{kind}; charset={charset}")
        assert answer.status_code == 415


def test_a_page_takes_forms_only(client: Client, alice: User) -> None:
    client.force_login(alice)
    answer = client.post(PATH, {"is_private": True}, content_type="application/json")
    assert answer.status_code == 415


@pytest.mark.parametrize("parameter", ["charset*=no-such'en'x", "charset=base64", "CHARSET=x"])
def test_a_content_type_that_django_does_not_know_is_bytes(parameter: str) -> None:
    headers = {"CONTENT_LENGTH": "2", "CONTENT_TYPE": f"multipart/form-data; {parameter}"}
    refused, _ = ask(b"{}", {**headers, "QUERY_STRING": "a=%ff"})
    assert refused is not None
    assert refused.status_code == 415


def test_a_large_file_waits_where_no_name_is_left_of_a_killed_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    large = SimpleUploadedFile("a.jpg", b"x" * 3_000_000)
    request = RequestFactory().post("/upload/", {"image": large})
    file: Any = request.FILES["image"]
    assert list(tmp_path.iterdir()) == []
    assert (file.size, file.name, len(file.read())) == (3_000_000, "a.jpg", 3_000_000)
    request.close()
    assert file.closed


def test_a_large_file_that_was_cut_off_is_let_go() -> None:
    handler = UnnamedUploadHandler()
    handler.upload_interrupted()
    handler.new_file("image", "a.jpg", "image/jpeg", 9)
    handler.upload_interrupted()
    assert handler.file.closed
