"""Fixtures for all tests."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.core.cache import cache
from django.test import Client
from rest_framework.test import APIClient

from accounts import mails
from accounts.api.tokens import issue
from accounts.doors import site
from accounts.models import User
from minigram_site.fields import snowflake
from minigram_site.fields.snowflake import EPOCH_MS
from minigram_site.web.throttling import buckets
from social.explore import snapshots
from tests.caching import cached, own_redis, redis_client, redis_site
from tests.factories import make_user
from tests.openapi import DocumentedClient

# A lock of the test database, held until the process ends, would keep it from being deleted.
snowflake.set_claim(lambda: None)

# A machine that has much to do is no fault of what is tested.
hypothesis.settings.register_profile(
    "patient", suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")

__all__ = ["cached", "own_redis", "redis_client", "redis_site"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
    """Say how tests that are not in the quick set are run, to someone who named only such ones."""
    quick = "not slow" in terminalreporter.config.getoption("markexpr")
    deselected = terminalreporter.stats.get("deselected", [])
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and quick and deselected:
        terminalreporter.write_line('Not in the quick set; to run them all the same add: -m ""')


# What a test asks for if it asks the database.
DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_setup"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks the database: the rest is the same on every one, and runs once."""
    for item in items:
        fixtures = DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ()))
        if fixtures or item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.database)


@pytest.fixture(autouse=True)
def own_media_folder(settings: Any, tmp_path: Path) -> Path:
    """Give every test an empty media folder."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return Path(settings.MEDIA_ROOT)


@pytest.fixture(autouse=True)
def uncollected_static_files(settings: Any) -> None:
    """Serve static files from their source: tests do not collect them."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Start every test with full rate limits."""
    cache.clear()
    buckets.forget_all()


@pytest.fixture(autouse=True)
def mails_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send mails inside the request: a thread would not see what a test has not committed."""
    monkeypatch.setattr(mails, "send_reset_later", mails.send_reset.call)


@pytest.fixture(autouse=True)
def one_period(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test be in two periods of explore: a second one begins in 2080."""
    monkeypatch.setattr(snapshots, "PERIOD_MS", EPOCH_MS + 1)
    monkeypatch.setattr(snapshots._Process, "newest", None)


@pytest.fixture(autouse=True)
def first_site_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start every test with a site whose settings nobody has saved, and no wait where one is.

    What a process keeps is as old as a test is long, and is not read again meanwhile.
    """
    monkeypatch.setattr(site, "KEPT_SECONDS", float("inf"))
    monkeypatch.setattr(site, "sleep", lambda _: None)
    site.keep(None, 0)


@pytest.fixture
def alice(db: None) -> User:
    """Return a person with a public account."""
    return make_user("alice")


@pytest.fixture
def bob(db: None) -> User:
    """Return another person with a public account."""
    return make_user("bob")


@pytest.fixture
def carol(db: None) -> User:
    """Return a person with a private account."""
    return make_user("carol", private=True)


@pytest.fixture
def api_as() -> Callable[[User | None], APIClient]:
    """Return a function that makes an API client logged in as someone, or as nobody."""

    def client_of(user: User | None) -> APIClient:
        client = DocumentedClient()
        if user is not None:
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue(user)['access']}")
        return client

    return client_of


@pytest.fixture
def browser_as() -> Callable[[User | None], Client]:
    """Return a function that makes a page client logged in as someone, or as nobody."""

    def client_of(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return client_of


# What the site logs: a browser or a server of an earlier test may complain at any time.
OF_THE_SITE = {"accounts", "django", "infra", "minigram_site", "photos", "social"}


@pytest.fixture
def site_errors(caplog: pytest.LogCaptureFixture) -> Callable[[], list[logging.LogRecord]]:
    """Return a function for what the site has logged as an error since the test began."""

    def errors() -> list[logging.LogRecord]:
        return [
            record
            for record in caplog.records
            if record.levelno >= logging.ERROR and record.name.split(".")[0] in OF_THE_SITE
        ]

    return errors
