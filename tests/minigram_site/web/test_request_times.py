"""Requests are counted by part of the site and class of status, with the time they took."""

from __future__ import annotations

from typing import Any

import pytest

from minigram_site import counters
from minigram_site.web.request_times import with_request_times


def counted(part: str, status: str, sample: str = "minigram_request_seconds_count") -> float:
    """Return how many requests of a part were answered so."""
    wanted = {"part": part, "status": status}
    return sum(
        value
        for name, labels, value in counters.totals()
        if name == sample and labels.items() >= wanted.items()
    )


def ask(path: str, status: str) -> None:
    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response(status, [])
        return [b""]

    list(with_request_times(application)({"PATH_INFO": path}, lambda *_: None))


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/api/v1/feed/", "api"),
        ("/media/photos/x.webp", "pictures"),
        ("/static/app.js", "static"),
        ("/admin/", "admin"),
        ("/@alice/", "pages"),
        ("/", "pages"),
        ("", "pages"),
    ],
)
def test_a_request_counts_for_its_part(path: str, part: str) -> None:
    before = counted(part, "2xx")
    ask(path, "200 OK")
    assert counted(part, "2xx") == before + 1


def test_a_failure_counts_as_one() -> None:
    before = counted("pages", "5xx")
    ask("/feed/", "503 Service Unavailable")
    assert counted("pages", "5xx") == before + 1


def test_the_time_is_added_up() -> None:
    before = counted("api", "2xx", "minigram_request_seconds_sum")
    ask("/api/v1/feed/", "200 OK")
    assert counted("api", "2xx", "minigram_request_seconds_sum") > before


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/_edge/lease"])
def test_those_who_ask_whether_it_is_well_are_not_counted(path: str) -> None:
    before = counted("pages", "2xx")
    ask(path, "200 OK")
    assert counted("pages", "2xx") == before
