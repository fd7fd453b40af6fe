"""The configuration: strict, and clear about which variable is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from minigram_site.environment import SAMPLE_SECRET, read_environment

PROJECT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start from nothing but a good secret."""
    for name in ("DATABASE_URL", "DEBUG", "SITE_URL", "RATE_LIMITS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SECRET_KEY", "s" * 50)


def test_nothing_but_a_secret_is_needed() -> None:
    values = read_environment()
    assert values.database["ENGINE"] == "django.db.backends.sqlite3"
    assert not values.debug
    assert not values.https


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "maybe"),
        ("RATE_LIMITS", "2"),
        ("MAX_UPLOAD_MB", "big"),
        ("MAX_UPLOAD_MB", "0"),
        ("MAX_IMAGE_MEGAPIXELS", "100000"),
        ("INSTANCE_ID", "32"),
        ("TRUSTED_PROXIES", "-1"),
        ("LOG_LEVEL", "LOUD"),
        ("CACHE_URL", "carrier-pigeon://"),
        ("DATABASE_URL", "mysql://root@localhost/minigram"),
        ("DATABASE_URL", "nonsense"),
        ("EMAIL_URL", "fax://12345"),
        ("SITE_URL", "photos.example.org"),
        ("SITE_URL", "https://photos.example.org/sub"),
        ("SITE_URL", "http://photos.example.org"),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", SAMPLE_SECRET),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        read_environment()


def test_all_faults_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "maybe")
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    with pytest.raises(ImproperlyConfigured, match=r"(?s)DEBUG.*LOG_LEVEL"):
        read_environment()


def test_a_development_server_needs_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "true")
    monkeypatch.setenv("SECRET_KEY", "")
    assert read_environment().debug


def test_https_follows_from_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_URL", "https://photos.example.org")
    assert read_environment().https


def test_a_command_that_cannot_start_says_why_in_one_line() -> None:
    run = subprocess.run(
        [sys.executable, "manage.py", "migrate"],
        env={**os.environ, "LOG_LEVEL": "LOUD"},
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert "LOG_LEVEL" in run.stderr
    assert "Traceback" not in run.stderr
