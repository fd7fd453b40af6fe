"""Slow clients of a gunicorn with no proxy in front: others are answered meanwhile."""

from __future__ import annotations

import os
import resource
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from tests.infra.gunicorns import gunicorn
from tests.infra.serving.application import LARGE

pytestmark = pytest.mark.slow
CROWD = 8
HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
BODY = bytes(range(256)) * 1024


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Return a folder whose name is short enough for a socket."""
    path = Path(tempfile.mkdtemp(prefix="minigram-slow-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def address(folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Serve the application under test; return the path of its socket."""
    with served(folder / "web.sock", getattr(request, "param", "application")) as path:
        yield path


@contextmanager
def served(path: Path, module: str) -> Iterator[str]:
    """Serve an application of this package with two threads."""
    env = os.environ | {
        "BIND": f"unix:{path}",
        "THREADS": "2",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "DJANGO_SETTINGS_MODULE": "minigram_site.settings",
    }
    with gunicorn(env, path, f"tests.infra.serving.{module}:application"):
        yield str(path)


def send(address: str, *parts: bytes) -> socket.socket:
    """Return a connection that has sent something."""
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(10)
    line.connect(address)
    for part in parts:
        line.sendall(part)
    return line


def answer(line: socket.socket) -> tuple[bytes, bytes]:
    """Return head and body of an answer that ends with its connection, or with its length."""
    received = b""
    while part := line.recv(1 << 20):
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    return head, body


def is_answered(address: str) -> bool:
    """Tell whether somebody else is answered."""
    with send(address, b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") as line:
        return answer(line)[0].startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    ("begun", "rest", "body"),
    [
        (b"", HEAD + b"Content-Length: 1\r\n\r\nx", b"x"),
        (HEAD, b"Content-Length: 1\r\n\r\nx", b"x"),
        (HEAD + b"Content-Length: 262144\r\n\r\n" + BODY[:99_999], BODY[99_999:], BODY),
        (CHUNKED + b"40000\r\n" + BODY[:9], BODY[9:] + b"\r\n0\r\n\r\n", BODY),
        (CHUNKED + b"1\r\nx\r\n0\r", b"\n\r\n", b"x"),
    ],
    ids=["nothing", "head", "body", "chunk", "trailer"],
)
def test_clients_that_pause_in_a_request_hold_nobody_up(
    address: str, begun: bytes, rest: bytes, body: bytes
) -> None:
    with ExitStack() as stack:
        crowd = [stack.enter_context(closing(send(address, begun))) for _ in range(CROWD)]
        assert is_answered(address)
        for line in crowd:
            line.sendall(rest)
            assert answer(line)[1] == body


def test_more_clients_than_a_shell_lets_open_files_hold_nobody_up(folder: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    with ExitStack() as stack:
        address = stack.enter_context(served(folder / "many.sock", "application"))
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        crowd = [stack.enter_context(closing(send(address, HEAD))) for _ in range(300)]
        assert is_answered(address)
        crowd[0].sendall(b"Content-Length: 1\r\n\r\nx")
        assert answer(crowd[0])[1] == b"x"


@pytest.mark.parametrize("path", [b"/large", b"/large-file"])
def test_clients_that_pause_in_reading_hold_nobody_up(address: str, path: bytes) -> None:
    asked = b"GET " + path + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with ExitStack() as stack:
        crowd = [stack.enter_context(closing(send(address, asked))) for _ in range(CROWD)]
        for line in crowd:
            assert line.recv(1, socket.MSG_PEEK)
        assert is_answered(address)
        for line in crowd:
            assert answer(line)[1] == LARGE


def test_clients_that_do_not_hang_up_hold_nobody_up(address: str) -> None:
    refused = b"POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999\r\n\r\n"
    with ExitStack() as stack:
        crowd = [stack.enter_context(closing(send(address, refused))) for _ in range(CROWD)]
        assert all(line.recv(12) == b"HTTP/1.1 200" for line in crowd)
        assert is_answered(address)


def test_a_client_that_waits_for_leave_to_send_a_body_gets_it_once(address: str) -> None:
    expecting = HEAD + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    with send(address, expecting) as line:
        assert line.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(b"ab")
        head, body = answer(line)
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert body == b"ab"


def test_a_client_that_still_sends_reads_why_its_body_is_not_taken(address: str) -> None:
    refused = b"POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999\r\n\r\n"
    with send(address, refused, *[b"x" * 65_536] * 64) as line:
        line.shutdown(socket.SHUT_WR)
        assert answer(line)[1] == b"refused"


def test_requests_sent_at_once_are_answered_one_after_the_other(address: str) -> None:
    line_by_line = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n"
    rest = b"a\r\n0\r\n\r\n" + HEAD + b"Content-Length: 1\r\n\r\nb"
    with send(address, line_by_line) as line:
        assert is_answered(address)
        line.sendall(rest)
        _, answers = answer(line)
    assert answers.startswith(b"a")
    assert answers.endswith(b"\r\n\r\nb")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\nHost: a\n\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"a" * 70_000, b"431"),
        (HEAD + b"Content-Length: many\r\n\r\n", b"400"),
        (CHUNKED + b"many\r\n", b"400"),
    ],
)
def test_a_request_that_can_never_be_whole_is_refused_at_once(
    address: str, sent: bytes, status: bytes
) -> None:
    with send(address, sent) as line:
        assert answer(line)[0].split()[1] == status


@pytest.mark.parametrize("address", ["hurried"], indirect=True)
@pytest.mark.parametrize("begun", [b"", HEAD, CHUNKED + b"4\r\nx"])
def test_a_client_that_pauses_for_too_long_is_hung_up_on(address: str, begun: bytes) -> None:
    with send(address, begun) as line:
        assert line.recv(100) == b""
