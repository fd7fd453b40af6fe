"""``manage.py lab bench`` starts real servers, measures them and stops them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.core.management import CommandError, call_command

from infra.lab.commands.bench import pairs
from infra.project import PROJECT

SMALL = ["--users=12", "--follows=4", "--photos=300", "--likes=50", "--rounds=1", "--seconds=1"]

needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")


def processes_of(name: str) -> list[psutil.Process]:
    """Return the processes below this one, and those whose command line names our clusters."""
    return [each for each in psutil.process_iter() if name in " ".join(_command_line(each))]


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def measured(tmp_path: Path, *arguments: str) -> tuple[str, dict[tuple[str, str], Any]]:
    """Run the command; return its tables, and its figures by contestant and row."""
    table, figures = tmp_path / "table.md", tmp_path / "figures.json"
    call_command("lab", "bench", *SMALL, *arguments, f"--output={table}", f"--json={figures}")
    record = json.loads(figures.read_text())
    return table.read_text(), {(one["contestant"], one["row"]): one for one in record["cells"]}


@needs_wrk
@pytest.mark.slow
def test_it_measures_a_stage_and_a_variant(tmp_path: Path) -> None:
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
    assert not processes_of("minigram-bench-")


@needs_wrk
@pytest.mark.stage
@pytest.mark.timeout(600)
@pytest.mark.xdist_group("stages")
@pytest.mark.skipif(not (PROJECT / ".git").exists(), reason="no Git repository")
def test_it_measures_every_row_beside_another_revision(tmp_path: Path) -> None:
    table, cells = measured(tmp_path, "--stage=2", "--against=HEAD")
    missing = {key: one["missing"] for key, one in cells.items() if key[0] != "floor"}
    wrong = {key: why for key, why in missing.items() if why not in {"", "not there"}}
    assert wrong == {}
    statements = {
        row: one["samples"][0]["statements"]
        for (label, row), one in cells.items()
        if label == "HEAD" and one["samples"]
    }
    assert statements["publish a photo"] >= 3
    assert "| HEAD | × |" in table
    assert not processes_of("minigram-bench-")


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
