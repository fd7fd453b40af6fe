"""A bad value of a variable is answered with one sentence that says what would be right."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from minigram_site.environment import read_environment

PROJECT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DEBUG", "maybe", "DEBUG must be true or false."),
        ("INSTANCE_ID", "x", "INSTANCE_ID must be a whole number from 0 to 31."),
        ("SITE_URL", "https://fotos-münchen.de", "as DNS does: xn--fotos-mnchen-jlb.de."),
        # Older rules would write it as strasse.de, which is somebody else's.
        ("SITE_URL", "https://straße.de", "the registrar of the name shows it so."),
        ("EMAIL_URL", "smtp://a:secret@host:587", "begin with submission://."),
        ("EMAIL_URL", "submission://a:secret@host:465", "smtp://…:465?ssl=true."),
        ("EMAIL_URL", "submission://a:se#cret@host", "percent-encoded"),
    ],
)
def test_the_sentence_says_what_would_be_right_and_no_password(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as caught:
        read_environment()
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SITE_URL", "https://xn--fotos-mnchen-jlb.de"),
        ("SITE_URL", "http://[::1]:8000"),
        ("ALLOWED_HOSTS", ".example.org,[::1],192.0.2.1,*"),
        ("EMAIL_URL", "smtp://a:b@host:465?ssl=true"),
        ("EMAIL_URL", "smtp://a:b@host:587?tls=true"),
        ("EMAIL_URL", "submission://me%40example.org:p%23@host?timeout=5"),
        ("CACHE_URL", "redis://:secret@127.0.0.1:6379/1"),
        ("CACHE_URL", "redis:///run/redis.sock"),
    ],
)
def test_an_unusual_value_that_is_right_is_taken(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert read_environment()


@pytest.mark.slow
def test_gunicorn_says_one_sentence_where_it_cannot_start() -> None:
    run = subprocess.run(
        [sys.executable, "-c", "import minigram_site.wsgi"],
        env={**os.environ, "INSTANCE_ID": "99"},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    sentence = "MiniGram cannot start: INSTANCE_ID must be a whole number from 0 to 31.\n"
    assert (run.returncode, run.stderr) == (1, sentence)
