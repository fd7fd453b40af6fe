"""What fails is counted by day where all instances count, and is drawn on the dashboard."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from django_tasks import task

from accounts import mails
from accounts.models import User
from photos.models import Photo
from social.models import FailureCount
from social.moderation import failures
from social.moderation.desk import dashboard
from tests.factories import make_photo, published, upload
from tests.social.moderation.scene import make_moderator
from tests.social.moderation.test_desk import QUEUE, desk_of

pytestmark = pytest.mark.django_db
Kind = FailureCount.Kind


@pytest.fixture(autouse=True)
def watched() -> Iterator[None]:
    """Watch the logs once, whatever tests of logging have made of their handlers."""
    loggers = [logging.getLogger(name) for name in ("django.request", "accounts.mails")]
    before = [list(logger.handlers) for logger in loggers]
    for logger in loggers:
        logger.handlers = [
            one for one in logger.handlers if not isinstance(one, failures.FailureHandler)
        ]
    failures.watch_logs()
    yield
    for logger, handlers in zip(loggers, before, strict=True):
        logger.handlers = handlers


def counted() -> dict[str, int]:
    """Return how many failures of each kind are counted."""
    return dict(FailureCount.objects.values_list("kind", "number"))


@task()
def fail() -> None:
    """Fail."""
    raise ValueError("as a task may")


def test_failures_of_a_day_are_one_row_of_each_kind() -> None:
    for kind in (Kind.REQUEST, Kind.BACKGROUND, Kind.REQUEST):
        failures.count(kind)
    assert counted() == {"request": 2, "background": 1}
    assert {row.day for row in FailureCount.objects.all()} == {timezone.now().date()}


def test_a_request_that_fails_is_counted_and_one_that_is_refused_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = Client(raise_request_exception=False)
    assert client.get("/@nobody/").status_code == 404
    assert client.post("/explore/").status_code == 405
    assert counted() == {}

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("social.views.explore.explore_page", broken)
    for path in ("/explore/", "/explore/"):
        assert client.get(path).status_code == 500
    assert counted() == {"request": 2}


def test_an_outage_is_not_counted_where_nothing_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError from psycopg.OperationalError("away")

    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "%s", ("x",), None)
    record.status_code = 503
    failures.FailureHandler(Kind.REQUEST).handle(record)
    assert counted() == {}
    monkeypatch.setattr("social.moderation.failures.transaction.atomic", away)
    failures.count(Kind.REQUEST)


def test_a_task_that_fails_is_counted(settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    mails.send_reset.using().enqueue("nobody@example.org")
    assert counted() == {}
    fail.using().enqueue()
    assert counted() == {"background": 1}


def test_a_mail_that_a_thread_cannot_send_is_counted() -> None:
    logging.getLogger("accounts.mails").error("A mail could not be sent.")
    assert counted() == {"background": 1}


def test_the_dashboard_draws_failures_of_each_day() -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    for days, number in ((-1, 7), (0, 2), (29, 5)):
        day = start.date() + timedelta(days=days)
        FailureCount(day=day, kind=Kind.REQUEST, number=number).save(force_insert=True)
    found = dashboard.failures_of(Kind.REQUEST, start)
    assert found == {0: 2, 29: 5}
    drawn = dashboard.plot("Failed", found, start)
    assert (drawn.total, drawn.most) == ("7", "5")
    assert [bar.words for bar in drawn.bars if bar.height] == ["1 March: 2", "30 March: 5"]
    page: Any = desk_of(make_moderator("vera", "view_moderationcase")).get(f"{QUEUE}dashboard/")
    assert {kind.label for kind in Kind} <= {plot.title for plot in page.context["plots"]}


def test_the_dashboard_says_how_much_was_stored(alice: User) -> None:
    photo = published(author=alice, image=[upload(), upload()])
    make_photo(alice)
    photo.refresh_from_db()
    assert photo.size == sizes_of(photo, 0) > 0
    assert photo.more_size == sizes_of(photo, 1) > 0
    desk = desk_of(make_moderator("vera", "view_moderationcase"))
    page: Any = desk.get(f"{QUEUE}dashboard/")
    assert page.context["stored"] == photo.size + photo.more_size
    (plot,) = (one for one in page.context["plots"] if one.title == dashboard.STORED)
    assert plot.total in page.text
    assert plot.total == plot.most
    assert any(bar.words.endswith(f": {plot.total}") for bar in plot.bars)
    Photo.objects.all().delete()
    assert desk.get(f"{QUEUE}dashboard/").context["stored"] == 0


def sizes_of(photo: Photo, number: int) -> int:
    """Return the bytes of the files of one of its pictures."""
    return sum(default_storage.size(name) for name in photo.pictures[number].file_names)


def test_a_fault_of_the_count_is_no_fault_of_the_answer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(failures, "_COUNT", "SELECT no_such_column, %s, %s")
    failures.count(Kind.REQUEST)
    assert "could not be counted" in caplog.text
