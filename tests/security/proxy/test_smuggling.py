"""Request smuggling: where a request ends is never in doubt to nginx and to what stands behind it.

A message with two lengths, or with a length and an encoding, is refused by nginx as RFC 9112 (6.3)
asks, before an instance sees any of it; what reaches an instance has one length.
"""

from __future__ import annotations

import shutil
import socket

import httpx
import pytest

from tests.infra.nginx.instances import Instances

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed"),
    pytest.mark.xdist_group("nginx"),
]
AMBIGUOUS = {
    "a length and an encoding": ["Content-Length: 5", "Transfer-Encoding: chunked"],
    "an encoding and a length": ["Transfer-Encoding: chunked", "Content-Length: 5"],
    "two lengths": ["Content-Length: 5", "Content-Length: 6"],
    "one length twice": ["Content-Length: 5", "Content-Length: 5"],
    "a list of lengths": ["Content-Length: 5, 5"],
    "a length that is no number": ["Content-Length: five"],
    "a length below nothing": ["Content-Length: -1"],
    "two encodings": ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
    "an encoding that nobody knows": ["Transfer-Encoding: unknown"],
}


def status_of(address: str, *headers: str, body: bytes = b"0\r\n\r\n") -> int:
    """Send one request as it is, and return the status of its answer."""
    host, _, port = address.partition(":")
    head = "\r\n".join(["POST / HTTP/1.1", "Host: a", "Connection: close", *headers])
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(f"{head}\r\n\r\n".encode() + body)
        return int(line.makefile("rb").readline().split()[1])


@pytest.mark.parametrize("kind", AMBIGUOUS)
def test_a_request_whose_end_is_in_doubt_reaches_nobody(
    kind: str, instances: Instances, address: str
) -> None:
    assert status_of(address, *AMBIGUOUS[kind]) in {400, 501}
    assert instances.seen == []


def test_a_chunked_body_reaches_an_instance_with_one_length(
    instances: Instances, address: str
) -> None:
    body = b"3\r\nabc\r\n0\r\n\r\n"
    assert status_of(address, "Transfer-Encoding: chunked", body=body) == 200
    assert instances.last.headers.get_all("Content-Length") == ["3"]
    assert instances.last.headers.get_all("Transfer-Encoding") is None
    assert instances.last.body == b"abc"


def test_an_answer_is_kept_for_nobody_else(instances: Instances, client: httpx.Client) -> None:
    """The instance is asked each time: no answer of one person is there for the next."""
    for cookie in ("sessionid=a", "sessionid=b", ""):
        for path in ("/settings/", "/settings/x.css", "/static/none.css", "/media/none.webp"):
            client.get(path, headers={"Cookie": cookie} if cookie else {})
            assert instances.last.path == path
            assert (instances.last.headers.get("Cookie") or "") == cookie
    assert len(instances.seen) == 12
