"""Where a request ends, however its bytes come."""

from __future__ import annotations

import errno
import tempfile
from contextlib import closing, suppress
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.serving import request_buffer
from infra.serving.request_buffer import RequestBuffer

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
REQUESTS = [
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    HEAD + b"Content-Length: 0\r\n\r\n",
    HEAD + b"content-length: 5\r\n\r\n\r\n\r\nx",
    CHUNKED + b"0\r\n\r\n",
    CHUNKED + b"5\r\n0\r\n\r\n\r\nb;a=1\r\nhello world\r\n0\r\nA: b\r\n\r\n",
]


def read(request: RequestBuffer) -> bytes:
    """Return all of a request, to its end."""
    parts = []
    with suppress(ConnectionResetError):
        while True:
            parts.append(request.read(7))
    return b"".join(parts)


@given(st.sampled_from(REQUESTS), st.data())
def test_a_request_is_whole_with_its_last_byte_and_not_before(sent: bytes, data: Any) -> None:
    left = sent
    with closing(RequestBuffer(100_000)) as request:
        while left:
            assert not request.is_whole
            size = data.draw(st.integers(1, len(left)))
            request.feed(left[:size])
            left = left[size:]
        assert request.is_whole
        assert request.is_complete
        assert read(request) == sent


@given(st.sampled_from(REQUESTS), st.binary(min_size=1))
def test_what_comes_with_a_request_belongs_to_the_next(sent: bytes, more: bytes) -> None:
    request = RequestBuffer(1000)
    request.feed(sent + more)
    assert request.is_whole
    assert request.read(len(sent)) == sent
    assert request.rest() == more


@pytest.mark.parametrize("length", [b"Content-Length: 9\r\n", b"Transfer-Encoding: chunked\r\n"])
def test_a_body_above_the_limit_is_not_waited_for(length: bytes) -> None:
    with closing(RequestBuffer(8)) as request:
        request.feed(HEAD + length + b"\r\n")
        if not request.is_whole:
            request.feed(b"9\r\n123456")
        assert request.is_whole
        assert read(request)


def test_the_end_of_the_connection_ends_a_request() -> None:
    with closing(RequestBuffer(1000)) as request:
        request.feed(HEAD + b"Content-Length: 9\r\n\r\n")
        request.feed(b"12")
        request.feed(b"")
        assert request.is_whole
        assert read(request).endswith(b"\r\n\r\n12")


def test_reading_a_body_that_the_disk_had_no_room_for_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    full = Mock(side_effect=OSError(errno.ENOSPC, "No space left on device"))
    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    monkeypatch.setattr(request_buffer, "MEMORY_LIMIT", 1)
    head = HEAD + b"Content-Length: 9\r\n\r\n"
    request = RequestBuffer(1000)
    request.feed(head)
    request.feed(b"12")
    assert request.is_whole
    assert request.read(1000) == head
    with pytest.raises(OSError, match="No space"):
        request.read(1)
