"""``manage.py lab bench`` starts real servers, measures them and stops them."""

from __future__ import annotations

import json
from pathlib import Path

import psutil
import pytest
from django.core.management import CommandError, call_command

SMALL = ["--users=10", "--follows=3", "--photos=60", "--likes=50", "--dormant=5"]

pytestmark = pytest.mark.slow


def test_it_measures_every_operation_and_leaves_no_process_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = tmp_path / "figures.json"
    call_command("lab", "bench", *SMALL, "--requests=250", "--rounds=1", f"--json={figures}")
    record = json.loads(figures.read_text())
    assert record["sizes"]["photos"] == 60
    assert len(record["rows"]) > 10
    floor, feed = record["rows"][:2]
    assert floor["times_floor"] == 1
    assert feed["operation"] == "feed, 20 photos"
    assert feed["per_second"] > 0
    assert record["feed_application_alone_us"][0] > 0
    assert "feed, 20 photos" in capsys.readouterr().out
    assert not [child for child in psutil.Process().children() if "gunicorn" in child.name()]


@pytest.mark.parametrize("option", ["--requests=0", "--rounds=0"])
def test_it_refuses_to_measure_nothing(option: str) -> None:
    with pytest.raises(CommandError, match="at least 1"):
        call_command("lab", "bench", option)
