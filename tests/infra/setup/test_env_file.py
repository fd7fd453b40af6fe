"""Files of variables keep what their owner wrote, and are read alike by all who read them."""

from __future__ import annotations

import subprocess

import pytest

from infra.setup.env_file import merged, parse, without_secrets
from infra.setup.errors import SetupError


def test_lines_of_the_owner_stay_as_they_are() -> None:
    text = "# Ours\nMAX_UPLOAD_MB=50\nSITE_NAME='Our site'\n\nSITE_URL=https://a.example\n"
    changed = merged(text, {"SITE_URL": "https://b.example", "SITE_NAME": "Our site", "X": "1"})
    assert changed == text.replace("//a.", "//b.") + "X=1\n"
    assert merged(changed, parse(changed)) == changed


@pytest.mark.parametrize(
    "value", ["", "a b", "Anna's photos", "$HOME `id` #1", 'the "site"', "s://a:b%40@c:1?d=e&f=g"]
)
def test_a_shell_and_the_site_read_the_same(value: str) -> None:
    text = merged("", {"SITE_NAME": value})
    assert parse(text) == {"SITE_NAME": value}
    script = f'{text}printf %s "$SITE_NAME"'
    shell = subprocess.run(["sh", "-c", script], check=True, capture_output=True, text=True)
    assert shell.stdout == value


@pytest.mark.parametrize("value", ["two\nlines", "back\\slash", "both ' and \""])
def test_what_they_would_read_otherwise_is_refused(value: str) -> None:
    with pytest.raises(SetupError, match="SITE_NAME must be one line"):
        merged("", {"SITE_NAME": value})


def test_secrets_are_not_shown() -> None:
    text = "SECRET_KEY=abc\nDATABASE_URL=postgres://minigram:abc@host/x\n+REDIS_PASSWORD=abc\nA=d"
    shown = without_secrets(text)
    assert "abc" not in shown
    assert "A=d" in shown
    assert "host/x" in shown
