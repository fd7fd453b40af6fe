"""``manage.py lab bench`` starts real servers, measures them and stops them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest
from django.core.management import CommandError, call_command

from infra.lab.commands.bench import pairs
from infra.project import PROJECT

SMALL = ["--users=12", "--follows=11", "--photos=300", "--likes=50", "--rounds=1", "--seconds=1"]

needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")


MARK = "MINIGRAM_TEST"


@pytest.fixture(autouse=True)
def mark(monkeypatch: pytest.MonkeyPatch) -> str:
    """Mark what this test starts by a variable that all of it inherits; return its value."""
    value = uuid4().hex
    monkeypatch.setenv(MARK, value)
    return value


def left(mark: str) -> list[psutil.Process]:
    """Return the processes that a test has started and that still run."""
    return [each for each in psutil.process_iter() if _marked(each) == mark]


def _marked(process: psutil.Process) -> str:
    try:
        return process.environ().get(MARK, "")
    except psutil.Error:
        return ""


def measured(tmp_path: Path, *arguments: str) -> tuple[str, dict[tuple[str, str], Any]]:
    """Run the command; return its tables, and its figures by contestant and row."""
    table, figures = tmp_path / "table.md", tmp_path / "figures.json"
    call_command("lab", "bench", *SMALL, *arguments, f"--output={table}", f"--json={figures}")
    record = json.loads(figures.read_text())
    return table.read_text(), {(one["contestant"], one["row"]): one for one in record["cells"]}


@needs_wrk
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_it_measures_a_stage_and_a_variant(tmp_path: Path, mark: str) -> None:
    rows = ("--rows=one photo", "--rows=like")
    table, cells = measured(tmp_path, "--stage=1", "--variant=THREADS=2", *rows)
    assert "| CPU ms per request | here (" in table
    assert "| here, THREADS=2 | × |" in table
    for name in ("floor: bare WSGI application", "one photo", "like and unlike"):
        assert f"| {name} | " in table
    [label] = {label for label, row in cells if label.startswith("here (")}
    photo = cells[label, "one photo"]["samples"][0]
    assert set(photo["cpu_ms"]) == {"gunicorn"}
    assert photo["cpu_ms"]["gunicorn"] > 0
    assert not left(mark)


@needs_wrk
@pytest.mark.stage
@pytest.mark.timeout(600)
@pytest.mark.xdist_group("stages")
def test_it_measures_every_row_of_a_stage(tmp_path: Path, mark: str) -> None:
    _, cells = measured(tmp_path, "--stage=2")
    own = {row: one for (label, row), one in cells.items() if label != "floor"}
    assert {row: one["missing"] for row, one in own.items() if one["missing"]} == {}
    publish = own["publish a photo"]["samples"][0]
    # Two statements for the transaction, and the photo and its counts at least.
    assert publish["statements"]["sent"] > 4
    # Account, permission, the write, and what begins and ends its transaction; photo and author.
    comment = own["comment"]["samples"][0]["statements"]
    assert (round(comment["sent"]), round(comment["checks"])) == (5, 2)
    assert publish["cpu_ms"]["gunicorn"] + publish["cpu_ms"]["others"] > 10
    assert own["home feed, 20 photos"]["samples"][0]["cpu_ms"]["PostgreSQL"] > 0
    assert not left(mark)


@needs_wrk
@pytest.mark.stage
@pytest.mark.timeout(600)
@pytest.mark.xdist_group("stages")
@pytest.mark.skipif(not (PROJECT / ".git").exists(), reason="no Git repository")
def test_another_revision_is_measured_in_turn(tmp_path: Path, mark: str) -> None:
    table, cells = measured(tmp_path, "--stage=1", "--against=HEAD", "--rows=one photo")
    [label] = {label for label, _ in cells if label != "floor" and not label.startswith("here (")}
    assert f"| {label} | × |" in table
    assert cells[label, "one photo"]["samples"][0]["cpu_ms"]["gunicorn"] > 0
    assert not left(mark)


@pytest.mark.parametrize(
    "option", ["--rounds=0", "--seconds=0", "--readers=0", "--rows=no such row"]
)
def test_it_refuses_to_measure_nothing(option: str) -> None:
    with pytest.raises(CommandError, match="at least 1, and --rows must name some"):
        call_command("lab", "bench", option)


def test_a_variable_needs_a_value() -> None:
    assert pairs(["A=1", "B=x=y"]) == {"A": "1", "B": "x=y"}
    with pytest.raises(CommandError, match="must look like NAME=VALUE"):
        pairs(["THREADS"])
