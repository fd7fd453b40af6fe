"""``manage.py`` needs no variables in a checkout after ``make run``, and on a host."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.ops import settings_file
from infra.project import PROJECT

GIVEN = {
    "SECRET_KEY": "a'b\\c\"d$e " * 6,
    "SITE_URL": "http://127.0.0.1:8123",
    "SITE_NAME": "Our $HOME #1",
    "EMAIL_URL": "submission://me%40example.org:p'a@host",
}


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a settings file into a data folder as ``make run`` does, and forget its variables."""
    for name, value in (GIVEN | {"DATA_DIR": str(tmp_path), "SOMETHING": "else"}).items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "site.env"
    settings_file.write(path)
    for name in GIVEN:
        monkeypatch.delenv(name)
    return path


def test_what_was_written_is_found_as_it_was_by_its_owner_alone(written: Path) -> None:
    assert written.stat().st_mode & 0o777 == 0o600
    settings_file.use()
    assert {name: os.environ[name] for name in GIVEN} == GIVEN
    assert "SOMETHING" not in written.read_text()


def test_variables_that_are_set_win(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_NAME", "Another")
    settings_file.use()
    assert (os.environ["SITE_NAME"], os.environ["SITE_URL"]) == ("Another", GIVEN["SITE_URL"])


def test_whoever_gives_the_secret_gives_everything(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "s" * 50)
    settings_file.use()
    assert "SITE_NAME" not in os.environ


@pytest.mark.slow
def test_a_command_runs_without_any_other_variable(written: Path) -> None:
    code = "from django.conf import settings; print(settings.SITE_NAME, settings.SITE_URL)"
    run = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=PROJECT,
        env={"DATA_DIR": str(written.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == f"{GIVEN['SITE_NAME']} {GIVEN['SITE_URL']}\n"


def test_make_run_writes_it() -> None:
    script = (PROJECT / "infra" / "bin" / "run-local").read_text()
    assert 'python" -m infra.ops.settings_file "$data/site.env"' in script
