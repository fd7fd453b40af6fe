"""Counts are added up over all processes, ended ones included."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from minigram_site import counters

PROJECT = Path(__file__).parents[2]


def test_the_command_shows_shares(capsys: Any) -> None:
    counters.STATEMENTS.labels("replica9", "read").inc(30)
    counters.CACHE.labels("pebbles", "hit").inc(3)
    counters.CACHE.labels("pebbles", "miss").inc(1)
    call_command("counters")
    shown = capsys.readouterr().out
    assert "replica9" in shown
    assert "75.0 %" in shown.partition("pebbles")[2].partition("\n")[0]


@pytest.mark.slow
def test_the_counts_of_ended_processes_are_kept_in_one_file() -> None:
    code = (
        "import django; django.setup(); from minigram_site.counters import CACHE;"
        "CACHE.labels('folded', 'hit').inc(5)"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "minigram_site.settings"}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code], env=environment, cwd=PROJECT, check=True)
    assert counters.fold() >= 2
    assert counters.fold() == 0
    found = [value for _, labels, value in counters.totals() if labels.get("kind") == "folded"]
    assert found == [10.0]
