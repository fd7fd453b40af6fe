"""`make test` runs every part, says how each went and which tests failed, and fails if one did."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from infra.project import PROJECT


@pytest.fixture
def make(tmp_path: Path) -> Path:
    """Return a make that fails for targets whose name begins with "bad-"."""
    program = tmp_path / "make"
    program.write_text(
        '#!/bin/sh\necho "made $2"\n'
        'case $2 in bad-*) echo "FAILED tests/test_$2.py::test_it - boom" >&2; exit 2 ;; esac\n'
    )
    program.chmod(0o755)
    return program


def run(make: Path, *parts: str) -> tuple[int, str]:
    command = [str(PROJECT / "infra/bin/run-parts"), str(make), *parts]
    ended = subprocess.run(
        command,
        cwd=make.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return ended.returncode, re.sub(r" +", " ", ended.stdout)


def test_the_parts_after_a_failed_one_run_too(make: Path) -> None:
    status, output = run(make, "good-one", "bad-one", "good-two")
    assert status == 1
    failure = "FAILED tests/test_bad-one.py::test_it - boom\n"
    assert output.startswith(f"made good-one\nmade bad-one\n{failure}made good-two\n")
    rows = re.findall(r"^([\w-]+) (passed|FAILED) \d+$", output, re.M)
    assert rows == [("good-one", "passed"), ("bad-one", "FAILED"), ("good-two", "passed")]
    assert output.endswith(f"parts: 2 passed, 1 failed\n{failure}")
    assert (make.parent / "build/parts/good-two.log").read_text() == "made good-two\n"


def test_it_passes_when_all_parts_passed(make: Path) -> None:
    status, output = run(make, "good-one")
    assert status == 0
    assert output.endswith("parts: 1 passed, 0 failed\n")
