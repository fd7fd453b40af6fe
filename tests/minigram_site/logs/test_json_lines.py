"""Lines of the log as objects of JSON: by the setting, whole, and with nothing else in them."""

from __future__ import annotations

import io
import json
import logging
import sys

import pytest
from django.test import RequestFactory

from minigram_site.logs.json_lines import JsonLines
from minigram_site.logs.paths import without_secrets
from minigram_site.logs.settings import log_settings


def line_of(record: logging.LogRecord) -> dict[str, str]:
    """Return a record as it is written, of which one line must be left."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    handler.handle(record)
    assert stream.getvalue().count("\n") == 1
    line: dict[str, str] = json.loads(stream.getvalue())
    return line


def record_of(message: str, *args: object) -> logging.LogRecord:
    return logging.LogRecord("photos.files", logging.ERROR, __file__, 1, message, args, None)


def test_a_line_says_when_what_and_for_which_request() -> None:
    record = record_of('%s says "no"', "ä\nb")
    record.created, record.request_id = 1_800_000_000.25, "5f1c"
    assert line_of(record) == {
        "time": "2027-01-15T08:00:00.250Z",
        "level": "ERROR",
        "logger": "photos.files",
        "id": "5f1c",
        "message": 'ä\nb says "no"',
    }


def test_a_traceback_is_a_part_of_its_line() -> None:
    record = record_of("It failed")
    try:
        raise RuntimeError("a fault")
    except RuntimeError:
        record.exc_info = sys.exc_info()
    line = line_of(record)
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("RuntimeError: a fault")


def test_the_request_that_django_attaches_is_left_out() -> None:
    record = record_of("Not Found: %s", "/search/")
    record.request, record.status_code = RequestFactory().get("/search/?q=secret"), 404
    assert set(line_of(record)) == {"time", "level", "logger", "id", "message"}


def test_the_setting_chooses_level_and_form() -> None:
    plain, lines = log_settings("WARNING"), log_settings("INFO,json")
    assert (plain["root"]["level"], lines["root"]["level"]) == ("WARNING", "INFO")
    forms = [each["handlers"]["stderr"]["formatter"] for each in (plain, lines)]
    assert forms == ["line", "json"]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/password-reset/MQ/a-token/", "/password-reset/..."),
        ("/password-reset/sent/", "/password-reset/sent/"),
        ("/confirm-email/a-token/", "/confirm-email/..."),
        ("/invite/a-code/", "/invite/..."),
        ("/appeals/a-token/", "/appeals/..."),
        ("/s/a-token/media/2/x", "/s/..."),
        ("/api/v1/shared/a-token/", "/api/v1/shared/..."),
        ("/p/abc/", "/p/abc/"),
    ],
)
def test_what_is_secret_in_a_path_is_not_shown(path: str, shown: str) -> None:
    assert without_secrets(path) == shown
