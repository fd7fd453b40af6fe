"""Errors are told to a service of Sentry's protocol: what failed, and nothing of people."""

from __future__ import annotations

import gzip
import json
import logging
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
import sentry_sdk
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory

from minigram_site.logs.reports import ErrorReports
from minigram_site.logs.settings import log_settings

# The SDK packs with brotli where some other package has brought it.
UNPACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": lambda body: import_module("brotli").decompress(body),
}
Received = Queue[tuple[dict[str, str], bytes]]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Received]:
    """Listen on loopback as such a service does; return what it receives: headers and body."""
    received: Received = Queue()

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.put((dict(self.headers), UNPACKED[self.headers["Content-Encoding"]](body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("SENTRY_DSN", f"http://key@127.0.0.1:{server.server_port}/7")
    yield received
    sentry_sdk.get_client().close()
    sentry_sdk.init()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def log(service: Received) -> Iterator[logging.Logger]:
    """Return a logger whose errors are reported."""
    handler = ErrorReports()
    handler.setLevel("ERROR")
    logger = logging.getLogger("photos.reported")
    logger.addHandler(handler)
    yield logger
    logger.removeHandler(handler)


def fail(log: logging.Logger) -> None:
    """Log an error as Django does, with its request, and with much that is somebody's."""
    address = "lena@example.org"
    request = RequestFactory().post("/search/?q=lena", {"password": "hunter2"})
    request.META["REMOTE_ADDR"] = "192.0.2.77"
    try:
        raise ValueError(f"{address} is taken")
    except ValueError:
        extra = {"request": request, "status_code": 500, "request_id": "5f1c2d3e"}
        log.exception("Internal Server Error: %s", "/@lena/", extra=extra)


def test_an_error_is_reported_with_its_place_and_without_people(
    service: Received, log: logging.Logger
) -> None:
    fail(log)
    headers, body = service.get(timeout=20)
    assert "sentry_key=key" in headers["X-Sentry-Auth"]
    event: dict[str, Any] = json.loads(body.splitlines()[2])
    (error,) = event["exception"]["values"]
    assert error["type"] == "ValueError"
    frame = error["stacktrace"]["frames"][-1]
    assert (frame["function"], Path(frame["filename"]).name) == ("fail", Path(__file__).name)
    assert event["logentry"]["message"] == "Internal Server Error: %s"
    assert event["tags"] == {"request_id": "5f1c2d3e"}
    # The frame shows the lines of the code around it, which stand in this file.
    del error["stacktrace"]
    rest = json.dumps(event)
    for someones in ("lena", "hunter2", "192.0.2.77", "search", "Cookie"):
        assert someones not in rest
    assert "vars" not in frame


def test_what_is_no_error_is_not_reported(service: Received, log: logging.Logger) -> None:
    log.warning("Not Found: %s", "/x/")
    fail(log)
    assert b"Not Found" not in service.get(timeout=20)[1]
    assert service.empty()


def test_the_setting_asks_for_reports_where_an_address_is(
    monkeypatch: pytest.MonkeyPatch, service: Received
) -> None:
    assert "reports" in log_settings("INFO")["loggers"]["django"]["handlers"]
    monkeypatch.delenv("SENTRY_DSN")
    assert "reports" not in log_settings("INFO")["handlers"]


def test_an_address_that_is_none_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTRY_DSN", "errors.example.org")
    with pytest.raises(ImproperlyConfigured, match="SENTRY_DSN must look like https://KEY@"):
        ErrorReports()
