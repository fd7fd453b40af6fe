"""LSNs that clients send back, and reads that are repeated on another server."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import DataError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from minigram_site.db import lsn
from minigram_site.db.context import current_context, mark_written, request_context
from minigram_site.db.monitor import Monitor
from minigram_site.web import outages
from minigram_site.web.read_your_writes import (
    COOKIE,
    HEADER,
    FailedReads,
    only_reads,
    route_reads,
    signed_lsn,
    verified_lsn,
    writing_request,
)


@pytest.fixture
def site_with_replicas(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Configure replicas that nobody observes, and an LSN of 1234 after each write."""
    settings.REPLICAS = ["replica1", "replica2"]
    monkeypatch.setattr(Monitor, "start", lambda _: None)
    monkeypatch.setattr(lsn, "committed_lsn", lambda: 1234)


def write(request: HttpRequest) -> HttpResponse:
    """Answer as a view that has written."""
    mark_written()
    return HttpResponse()


def test_an_lsn_comes_back_as_it_was_given() -> None:
    assert verified_lsn(signed_lsn(123_456_789_012)) == 123_456_789_012


@pytest.mark.parametrize(
    "text", ["", "9" * 30, "12:abc", signed_lsn(5)[:-1], "6" + signed_lsn(5)[1:]]
)
def test_a_forged_lsn_is_none(text: str) -> None:
    assert verified_lsn(text) == 0


@pytest.mark.parametrize(
    ("method", "path", "may_use_replica"),
    [
        ("GET", "/feed/", True),
        ("HEAD", "/api/v1/feed/", True),
        ("POST", "/feed/", False),
        ("DELETE", "/api/v1/me/", False),
        ("GET", "/admin/accounts/user/", False),
        ("GET", "/readyz", False),
    ],
)
def test_requests_that_only_read(method: str, path: str, *, may_use_replica: bool) -> None:
    assert only_reads(RequestFactory().generic(method, path)) is may_use_replica


@pytest.mark.usefixtures("site_with_replicas")
def test_a_browser_gets_the_lsn_after_its_write_as_a_cookie_and_sends_it_back() -> None:
    cookie = route_reads(write)(RequestFactory().post("/feed/")).cookies[COOKIE]
    assert cookie["httponly"]
    request = RequestFactory().get("/feed/")
    request.COOKIES[COOKIE] = cookie.value
    assert _required_lsn(request) == 1234


@pytest.mark.usefixtures("site_with_replicas")
def test_an_api_client_gets_the_lsn_after_its_write_as_a_header_and_sends_it_back() -> None:
    response = route_reads(write)(RequestFactory().put("/api/v1/photos/1/like/"))
    assert COOKIE not in response.cookies
    request = RequestFactory().get("/api/v1/feed/", headers={HEADER: response.headers[HEADER]})
    assert _required_lsn(request) == 1234


@pytest.mark.usefixtures("site_with_replicas")
def test_a_write_that_is_answered_before_the_middleware_carries_the_lsn_too() -> None:
    headers: list[tuple[str, str]] = []
    with writing_request(headers):
        assert headers == []
    with writing_request(headers):
        mark_written()
    assert [(name, verified_lsn(value)) for name, value in headers] == [(HEADER, 1234)]


@pytest.mark.usefixtures("site_with_replicas")
def test_an_answer_to_a_request_that_wrote_nothing_carries_no_lsn() -> None:
    response = route_reads(lambda _: HttpResponse())(RequestFactory().get("/feed/"))
    assert COOKIE not in response.cookies
    assert HEADER not in response.headers


@pytest.mark.usefixtures("site_with_replicas")
@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("POST", 503)])
def test_a_read_that_a_server_failed_is_repeated_without_it_and_a_write_is_not(
    method: str, status: int
) -> None:
    excluded: list[set[str]] = []

    def fail_once(_: HttpRequest) -> HttpResponse:
        context = current_context()
        excluded.append(set(context.excluded_aliases))
        if len(excluded) == 1:
            context.failed_aliases.add("default")
            return HttpResponse(status=503)
        return HttpResponse()

    assert route_reads(fail_once)(RequestFactory().generic(method, "/feed/")).status_code == status
    assert excluded == ([set(), {"default"}] if method == "GET" else [set()])


@pytest.mark.usefixtures("site_with_replicas")
@pytest.mark.parametrize(
    ("error", "silent"),
    [
        (OperationalError("lost"), True),
        (ProgrammingError("no such table"), False),
        (DataError("a NUL character"), False),
        (ValueError("of the code"), False),
    ],
)
def test_only_an_outage_is_kept_out_of_the_log(error: Exception, *, silent: bool) -> None:
    error.__cause__ = psycopg.errors.AdminShutdown() if silent else psycopg.errors.DataError()
    page = FailedReads(lambda _: HttpResponse())
    with request_context(may_use_replica=True) as context:
        context.failed_aliases.add("replica1")
        answer = page.process_exception(RequestFactory().get("/feed/"), error)
    assert (answer is not None) is silent


@pytest.mark.usefixtures("site_with_replicas")
def test_a_read_that_no_server_answers_is_logged_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outages, "_unlogged", outages._UnloggedCount())

    def fail(_: HttpRequest) -> HttpResponse:
        current_context().failed_aliases.add("default")
        return HttpResponse(status=503)

    for _ in range(2):
        assert route_reads(fail)(RequestFactory().get("/feed/")).status_code == 503
    assert len(caplog.messages) == 1
    assert caplog.messages[0].endswith("no server answers reads (default)")


def _required_lsn(request: HttpRequest) -> int:
    """Return the LSN that replicas must have replayed to answer the request."""
    required: list[int] = []

    def look(_: HttpRequest) -> HttpResponse:
        required.append(current_context().required_lsn)
        return HttpResponse()

    route_reads(look)(request)
    return required[0]
