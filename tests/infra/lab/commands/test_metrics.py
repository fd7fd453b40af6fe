"""``manage.py metrics`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from infra.lab.records.storage import store
from tests.infra.lab.synthetic import record


@pytest.fixture
def records(tmp_path: Path) -> Path:
    for stage, rate in ((2, 150.0), (3, 300.0)):
        store(record(stage, rate=rate), tmp_path / "records")
    return tmp_path / "records"


def metrics(folder: Path, *arguments: str, **more: Any) -> None:
    call_command("metrics", f"--records={folder}", *arguments, **more)


def test_stages_are_compared_in_a_table(records: Path, capsys: pytest.CaptureFixture[str]) -> None:
    metrics(records, "compare", "2", "3")
    shown = capsys.readouterr().out
    rate = next(line for line in shown.splitlines() if line.startswith("rate "))
    assert rate.split()[1:6] == ["150", "/s", "300", "/s", "2.00"]
    assert rate.endswith("better")


def test_without_names_all_measured_stages_are_compared(
    records: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    metrics(records, "compare", "--format=json")
    rows = json.loads(capsys.readouterr().out)
    assert {row["name"]: row["others"][0]["verdict"] for row in rows}["rate"] == "better"


def test_what_is_worse_can_fail_a_build(records: Path) -> None:
    metrics(records, "compare", "2", "3", "--fail-on-worse")
    with pytest.raises(CommandError, match=r"Worse: rate\."):
        metrics(records, "compare", "3", "2", "--fail-on-worse")


def test_one_stage_cannot_be_compared(records: Path) -> None:
    with pytest.raises(CommandError, match="needs two stages or records"):
        metrics(records, "compare", "2")


def test_a_stage_that_was_not_measured_is_told(records: Path) -> None:
    with pytest.raises(CommandError, match="no mix stress run of 4"):
        metrics(records, "compare", "2", "4")


def test_a_broken_record_is_told(records: Path) -> None:
    (records / "old.json").write_text('{"schema": 0}')
    with pytest.raises(CommandError, match=r"old\.json has schema 0"):
        metrics(records, "compare", "2", "3")


@pytest.mark.slow
def test_the_export_writes_the_document(records: Path, tmp_path: Path) -> None:
    metrics(records, "export", f"--docs={tmp_path}")
    assert "# MiniGram Performance" in (tmp_path / "performance.md").read_text()
    assert (tmp_path / "performance/report.html").exists()


def test_a_plan_follows_its_options(records: Path, capsys: pytest.CaptureFixture[str]) -> None:
    metrics(records, "plan", "--users=50000", "--requests-per-day=864", "--peak=2")
    shown = capsys.readouterr().out
    assert "requests a second" in shown
    assert "1,000" in shown.splitlines()[2]
    assert "server.web.cpu_ms_per_request" in shown


def test_collecting_can_be_asked_how_long_it_takes(
    records: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    metrics(records, "collect", "--all", "--dry-run")
    told = capsys.readouterr().out
    assert "Stage 5, " in told
    assert "Together about" in told
    assert len(list(records.glob("*.json"))) == 2
