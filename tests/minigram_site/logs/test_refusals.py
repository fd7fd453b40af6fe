"""What clients do wrong is one line of the log; a traceback is a fault of the code."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.http import UnreadablePostError
from django.test import Client

from accounts.models import User
from tests.factories import upload


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Return what the site's own handler writes."""
    handlers = logging.getLogger("django").handlers
    written = io.StringIO()
    with patch.object(next(one for one in handlers if one.filters), "stream", written):
        yield written


@pytest.fixture
def visitor() -> Client:
    """Return a client that shows an error page instead of raising the error behind it."""
    return Client(raise_request_exception=False)


@pytest.mark.django_db
def test_a_foreign_host_is_one_line(visitor: Client, log: io.StringIO) -> None:
    assert visitor.get("/", headers={"host": "evil.example"}).status_code == 400
    assert "evil.example" in log.getvalue()
    assert "Traceback" not in log.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/login/", "application/x-www-form-urlencoded"),
        ("/api/v1/auth/token/", "application/json"),
    ],
)
def test_a_client_that_hangs_up_is_one_line(
    visitor: Client, log: io.StringIO, path: str, content_type: str
) -> None:
    with patch("django.test.client.FakePayload.read", side_effect=UnreadablePostError("reset")):
        assert visitor.post(path, '{"a": 1}', content_type=content_type).status_code == 400
    assert "Traceback" not in log.getvalue()


@pytest.mark.django_db
def test_a_path_cannot_forge_a_line(visitor: Client, log: io.StringIO) -> None:
    visitor.get("/no%0Aforged")
    assert log.getvalue().count("\n") == 1


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/s/a-token/", "/s/a-token/media/2/x", "/api/v1/shared/a-token/"])
def test_the_token_of_a_share_link_is_not_logged(
    visitor: Client, log: io.StringIO, path: str
) -> None:
    assert visitor.get(path).status_code == 404
    assert "..." in log.getvalue()
    assert "a-token" not in log.getvalue()


def test_an_error_of_the_code_keeps_its_traceback(visitor: Client, log: io.StringIO) -> None:
    with patch("minigram_site.web.health.JsonResponse", side_effect=RuntimeError("a fault")):
        assert visitor.get("/healthz").status_code == 500
    assert "Traceback" in log.getvalue()


@pytest.mark.django_db
def test_a_picture_that_is_refused_is_one_line(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    visitor = Client()
    visitor.force_login(alice)
    broken = upload(upload().read()[:600])
    assert visitor.post("/upload/", {"image": broken}).status_code == 422
    (line,) = [record.getMessage() for record in caplog.records if "refused" in record.msg]
    assert "\n" not in line
