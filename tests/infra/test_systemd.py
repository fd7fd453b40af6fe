"""The units for systemd: it understands them, and they agree with the rest."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.project import PROJECT

UNITS = sorted((PROJECT / "infra" / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
BOUND = (
    r"^(?:Protect|Private|Restrict|RemoveIPC|NoNew|LockPersonality|Capability|SystemCall)\w*=.*$"
)
WEB = PROJECT / "infra" / "systemd" / "minigram-web@.service"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_all_units(tmp_path: Path) -> None:
    for unit in UNITS:
        (tmp_path / unit.name.replace("@", "@1")).write_text(unit.read_text())
    files = [str(path) for path in tmp_path.iterdir()]
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *files]
    checked = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_what_a_process_could_reach_is_little(tmp_path: Path) -> None:
    """Of ten points for what a unit may do, each has less than two, as docs/operations.md says."""
    for unit in SERVICES:
        (tmp_path / unit.name.replace("@", "@1")).write_text(unit.read_text())
    files = [str(path) for path in tmp_path.iterdir()]
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", *files]
    checked = subprocess.run(command, check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_all_processes_are_kept_in_the_same_bounds() -> None:
    bounds = [set(re.findall(BOUND, unit.read_text(), re.MULTILINE)) for unit in SERVICES]
    assert len(bounds[0]) > 15
    assert all(each == bounds[0] for each in bounds)


def test_systemd_waits_longer_than_gunicorn_does() -> None:
    settings = runpy.run_path(str(PROJECT / "infra" / "gunicorn.conf.py"))
    waits = re.search(r"^TimeoutStopSec=(\d+)$", WEB.read_text(), re.M)
    assert waits is not None
    assert int(waits[1]) > settings["graceful_timeout"]


def test_every_process_makes_ids_under_a_number_of_its_own() -> None:
    numbers = [
        found for unit in UNITS for found in re.findall(r"INSTANCE_ID=(\S+)", unit.read_text())
    ]
    assert len(numbers) == len(set(numbers)) == 5
    # The instances have 1, 2, 3, …; identifiers end at 31.
    assert all(number == "%i" or 10 < int(number) <= 31 for number in numbers)


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_calls_commands_that_exist(unit: Path) -> None:
    for command in re.findall(r"manage\.py (\w+)", unit.read_text()):
        assert list(PROJECT.glob(f"*/management/commands/{command}.py"))
