"""Mails hold no request up, tell nothing about accounts, and link to the site's own address."""

from __future__ import annotations

import socket
import time
from threading import BoundedSemaphore
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import mails
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
RESET = "/password-reset/"
send_reset_later = mails.send_reset_later


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send mails beside the request, as the site does."""
    monkeypatch.setattr(mails, "PAUSE", 0.01)
    monkeypatch.setattr(mails, "send_reset_later", send_reset_later)


def ask(email: str = "alice@example.org", **environ: Any) -> None:
    """Ask for a new password."""
    answer = Client().post(RESET, {"email": email}, **environ)
    assert (answer.status_code, answer["Location"]) == (302, RESET + "sent/")


@pytest.mark.parametrize("host", ["127.0.0.1:6666", "localhost:1", "testserver"])
def test_links_begin_with_the_address_of_the_site(settings: Any, host: str) -> None:
    settings.SITE_URL = "https://photos.example.org:8443"
    make_user("alice", password=PASSWORD)
    ask(HTTP_HOST=host)
    assert "https://photos.example.org:8443/password-reset/" in str(mail.outbox[0].body)
    assert host not in str(mail.outbox[0].body) + mail.outbox[0].subject


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("email", "sent"), [("ALICE@example.org", 1), ("zoe@example.org", 0)])
def test_the_request_does_the_same_for_every_address(beside: None, email: str, sent: int) -> None:
    make_user("alice", password=PASSWORD)
    with CaptureQueriesContext(connection) as queries:
        ask(email)
    assert len(queries) == 0
    mails._threads().submit(lambda: None).result(timeout=10)
    wait_for(lambda: len(mail.outbox) == sent)


def wait_for(done: Any) -> None:
    """Wait until ``done`` is true, at most five seconds."""
    end = time.monotonic() + 5
    while not done() and time.monotonic() < end:
        time.sleep(0.01)
    assert done()


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_says_nothing_holds_nobody_up(
    beside: None, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    make_user("alice", password=PASSWORD)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 2
        began = time.monotonic()
        ask()
        assert time.monotonic() - began < settings.EMAIL_TIMEOUT
        wait_for(lambda: "Failed to send" in caplog.text)


def test_the_site_waits_a_while_for_a_mail_server_and_not_for_ever(settings: Any) -> None:
    assert 0 < settings.EMAIL_TIMEOUT <= 15


def test_mails_beyond_what_may_wait_are_dropped(
    beside: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mails, "_room", BoundedSemaphore(1))
    mails._room.acquire()
    ask()
    assert "A mail was dropped" in caplog.text


def test_a_worker_sends_the_mail_where_there_is_one(beside: None, settings: Any) -> None:
    settings.BACKGROUND_WORKER = True
    make_user("alice", password=PASSWORD)
    # Without a worker's backend in the tests' settings the task runs where it is enqueued.
    ask()
    assert len(mail.outbox) == 1
