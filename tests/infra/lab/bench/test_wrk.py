"""wrk sends what was made beforehand, in its order, and tells what came of it."""

from __future__ import annotations

import shutil

import pytest

from infra.lab.bench.wrk import CannotSend, Request, framed, require_wrk, send, sent_of
from tests.infra.lab.bench.sites import small_site

needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")


def test_a_request_is_encoded_with_its_length() -> None:
    request = Request("PUT", "/a/", {"Authorization": "Bearer x"}, b"text")
    assert request.encoded("127.0.0.1:8000") == (
        b"PUT /a/ HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nAuthorization: Bearer x\r\n"
        b"Content-Length: 4\r\n\r\ntext"
    )


def test_requests_are_told_apart_whatever_they_hold() -> None:
    assert framed([b"a\n3\nb", b""]) == b"5\na\n3\nb0\n"


def test_the_numbers_of_the_script_become_counts_and_times() -> None:
    sent = sent_of([500, 2_000_000, 3, 1, 1500, 40_000])
    assert (sent.requests, sent.seconds, sent.refused, sent.lost) == (500, 2.0, 3, 1)
    assert (sent.p50, sent.p99) == (1.5, 40.0)


@needs_wrk
@pytest.mark.slow
def test_requests_go_out_in_their_order_and_over_again() -> None:
    requests = [Request("PUT", "/a", {}, b"one"), Request("DELETE", "/a"), Request("GET", "/b")]
    with small_site() as site:
        sent = send(site.port, requests, connections=1, seconds=1)
        asked = list(site.asked)
    assert sent.requests >= 6
    assert asked[:6] == 2 * ["PUT /a one", "DELETE /a", "GET /b"]
    assert (sent.refused, sent.lost) == (0, 0)


@needs_wrk
@pytest.mark.slow
def test_refusals_are_counted() -> None:
    with small_site() as site:
        sent = send(site.port, [Request("GET", "/missing")], connections=1, seconds=1)
    assert sent.refused == sent.requests > 0


def test_without_wrk_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CannotSend, match="install-packages wrk"):
        require_wrk()
