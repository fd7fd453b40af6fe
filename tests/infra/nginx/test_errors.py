"""What nginx answers by itself: our pages and problem documents, which nobody keeps."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path

import httpx
import orjson
import pytest

from tests.infra.nginx.instances import SOCKETS, Instances
from tests.infra.nginx.server import nginx

pytestmark = [
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed"),
    pytest.mark.xdist_group("nginx"),
]
ID = re.compile(r"[0-9a-f]{32}")
LIMIT = (1024 + 256) * 1024


@pytest.fixture
def files(folder: Path) -> Iterator[Path]:
    """Make a file that nginx sends by itself, and one that an instance names."""
    paths = [folder / "static/a.js", folder / "media/a.js"]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_text("a script")
    yield folder
    for path in paths:
        path.unlink()


def test_a_file_that_cannot_be_opened_is_not_kept_as_missing(
    instances: Instances, client: httpx.Client, folder: Path
) -> None:
    instances.behaviour = dict.fromkeys(SOCKETS, "names a file")
    missing = client.get("/media/a.webp")
    assert (missing.status_code, missing.headers.get_list("Cache-Control")) == (404, ["no-store"])
    assert missing.headers["X-Content-Type-Options"] == "nosniff"
    assert ID.fullmatch(missing.headers["X-Request-ID"])
    (folder / "media").mkdir(exist_ok=True)
    (folder / "media/a.webp").write_bytes(b"a picture")
    found = client.get("/media/a.webp")
    assert (found.status_code, found.content) == (200, b"a picture")
    assert found.headers.get_list("Cache-Control") == ["private, max-age=31536000, immutable"]
    assert "X-Picture-Cache-Control" not in found.headers


def test_a_disk_of_nginx_without_room_is_507(
    folder: Path, three: Instances, tmp_path: Path
) -> None:
    with nginx(folder, NGINX_TEMP_DIR=tmp_path) as address:
        shutil.rmtree(tmp_path / "body")
        answers = [
            httpx.post(f"http://{address}{path}", content=b"x" * 100_000, trust_env=False)
            for path in ("/upload/", "/api/v1/media/")
        ]
    assert [answer.status_code for answer in answers] == [507, 507]
    assert answers[1].json()["code"] == "storage_full"
    assert answers[0].headers["Cache-Control"] == "no-store"


def test_what_nginx_lets_through_is_what_gunicorn_takes(
    instances: Instances, client: httpx.Client
) -> None:
    assert client.get("/a?" + "b" * 7900).status_code == 200
    page, answer = client.get("/" + "b" * 8100), client.get("/api/v1/" + "b" * 8100)
    assert (page.status_code, answer.status_code) == (414, 414)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.status_code == 414
    assert len(instances.seen) == 1


def test_a_body_that_is_too_large_is_refused_with_our_words_over_http_2(
    secure: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "large").write_bytes(b"x" * (LIMIT + 1))
    command = ["curl", "-sk", "--http2", "--noproxy", "*", "-H", "Expect:", "-w", " %{http_code}"]
    url = f"https://{secure[1]}/api/v1/media/"
    data = ["--data-binary", f"@{tmp_path / 'large'}", url]
    got = subprocess.run([*command, *data], check=True, capture_output=True, text=True).stdout
    assert '"code":"too_large"' in got
    assert got.endswith(" 413")


def asked(address: str, *lines: bytes) -> tuple[HTTPResponse, bytes]:
    """Return the answer to a request that another machine sends as it is written here."""
    host, _, port = address.partition(":")
    with socket.create_connection((host, int(port)), 20, ("127.0.0.2", 0)) as line:
        line.sendall(b"\r\n".join([*lines, b"Host: a", b"Connection: close", b"", b""]))
        answer = HTTPResponse(line)
        answer.begin()
        return answer, answer.read()


@pytest.mark.parametrize(
    ("request_line", "field", "status"),
    [
        (b"GET /api/v1/feed/ HTTP/1.1", b"Host: a", 400),
        (b"GET /metrics HTTP/1.1", b"A: b", 403),
        (b"POST /static/a.js HTTP/1.1", b"Content-Length: 0", 405),
        (b"TRACE /api/v1/feed/ HTTP/1.1", b"A: b", 405),
        (b"GET /static/a.js HTTP/1.1", b'If-Match: "other"', 412),
        (b"GET /static/a.js HTTP/1.1", b"Range: bytes=99-", 416),
        (b"GET /media/a.js HTTP/1.1", b"Range: bytes=99-", 416),
        (b"POST /api/v1/media/ HTTP/1.1", b"Transfer-Encoding: gzip", 501),
        (b"GET / HTTP/3.0", b"A: b", 505),
    ],
)
def test_whatever_nginx_refuses_is_our_answer_which_nobody_keeps(
    instances: Instances, address: str, files: Path, request_line: bytes, field: bytes, status: int
) -> None:
    instances.behaviour = dict.fromkeys(SOCKETS, "names a file")
    answer, body = asked(address, request_line, field)
    assert answer.status == status
    assert set(answer.headers.get_all("Cache-Control", [])) == {"no-store"}
    assert ID.fullmatch(answer.headers["X-Request-ID"])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if b"/api/" in request_line:
        assert orjson.loads(body)["status"] == status
    else:
        assert f'<p class="big">{status}</p>' in body.decode()
    assert (answer.headers["Allow"] is not None) == (status == 405)


def test_plain_http_at_the_port_for_tls_is_400_in_our_words(secure: tuple[str, str]) -> None:
    for address in secure:
        answer, body = asked(address, b"GET /api/v1/feed/ HTTP/1.1", b"Host: a")
        assert (answer.status, orjson.loads(body)["code"]) == (400, "bad_request")
