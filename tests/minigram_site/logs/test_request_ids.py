"""One id per request: in the answer and in the log, never a client's own."""

from __future__ import annotations

import io
import logging
import logging.config
import re
from typing import Any

import pytest
from django.test import RequestFactory

from minigram_site.logs.request_ids import current, with_request_ids

NEW_ID = re.compile(r"[0-9a-f]{32}")
GIVEN = "5f1c2d3e4a5b6c7d8e9f001122334455"


def ask(given: str = "") -> tuple[str, str]:
    """Ask a small application; return the id in its answer and the one that it saw."""
    answered: dict[str, str] = {}

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [current.get().encode()]

    def start_response(status: str, headers: list[tuple[str, str]], *rest: Any) -> None:
        answered.update(headers)

    environ = RequestFactory().get("/", headers={"X-Request-ID": given}).environ
    seen = b"".join(with_request_ids(application)(environ, start_response))
    return answered["X-Request-ID"], seen.decode()


def test_the_answer_and_the_site_have_the_same_new_id(settings: Any) -> None:
    (first, seen), (second, _) = ask(), ask()
    assert first == seen
    assert first != second
    assert NEW_ID.fullmatch(first)


def test_the_id_of_a_trusted_proxy_is_used(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    assert ask(GIVEN) == (GIVEN, GIVEN)


def test_without_a_trusted_proxy_a_clients_id_is_not_used(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 0
    assert ask(GIVEN)[0] != GIVEN


@pytest.mark.parametrize("strange", ["short", "x" * 65, "a\nb" * 9, "id with spaces in it"])
def test_what_is_no_id_is_replaced(settings: Any, strange: str) -> None:
    settings.TRUSTED_PROXIES = 1
    assert NEW_ID.fullmatch(ask(strange)[0])


def test_log_lines_carry_the_id(settings: Any) -> None:
    stream, number = io.StringIO(), logging.INFO
    handlers = settings.LOGGING["handlers"]
    kept = {"stderr": {**handlers["stderr"], "stream": stream}}
    logger = {"lines": {"handlers": ["stderr"], "level": number, "propagate": False}}
    parts = {name: settings.LOGGING[name] for name in ("version", "formatters", "filters")}
    quiet = {"disable_existing_loggers": False, "loggers": logger}
    logging.config.dictConfig({**parts, **quiet, "handlers": kept})
    current.set(GIVEN)
    logging.getLogger("lines").info("Something happened.")
    assert f" {GIVEN}: Something happened." in stream.getvalue()
