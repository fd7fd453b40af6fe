"""The document is equal on every machine: neither last bits of floats nor settings show in it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from infra.lab.records import Record
from infra.lab.records.storage import RECORDS, load_all, store
from infra.lab.report.files import files
from infra.lab.report.plots import normalised
from infra.project import PROJECT
from tests.infra.lab.synthetic import full_set, record

pytestmark = pytest.mark.slow
GIVEN = ("load",)  # what was asked for is exact everywhere


def disturbed(value: Any, dice: random.Random) -> Any:
    """Move every float by a trillionth of itself: more than processors and libraries differ by."""
    if isinstance(value, float):
        return value * (1 + dice.choice((-1e-12, 1e-12)))
    if isinstance(value, dict):
        return {key: disturbed(one, dice) for key, one in value.items()}
    if isinstance(value, tuple):
        return tuple(disturbed(one, dice) for one in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    names = [field.name for field in fields(value) if field.name not in GIVEN]
    return replace(value, **{name: disturbed(getattr(value, name), dice) for name in names})


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("records", [full_set(), load_all(RECORDS)], ids=["made up", "committed"])
def test_the_last_bits_of_floats_do_not_show(records: list[Record], seed: int) -> None:
    dice = random.Random(seed)
    again = files([disturbed(one, dice) for one in records])
    for name, text in files(records).items():
        assert again[name] == text, name


@pytest.mark.slow
def test_neither_locale_nor_time_zone_nor_hashes_nor_the_users_settings_show(
    tmp_path: Path,
) -> None:
    made = [record(stage, rate=rate) for stage, rate in ((2, 150.0), (3, 300.0))]
    for one in made:
        store(one, tmp_path / "records")
    settings = "font.size: 20\nfont.family: serif\nsvg.fonttype: path\n"
    (tmp_path / "matplotlibrc").write_text(settings)
    command = [sys.executable, "manage.py", "metrics", f"--records={tmp_path / 'records'}"]
    env = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "TZ": "Pacific/Kiritimati"}
    env |= {"PYTHONHASHSEED": "7", "MATPLOTLIBRC": str(tmp_path), "PYTHONCOERCECLOCALE": "0"}
    subprocess.run([*command, "export", f"--docs={tmp_path}"], cwd=PROJECT, env=env, check=True)
    for name, text in files(made).items():
        assert (tmp_path / name).read_text(encoding="utf-8") == text, name


def test_coordinates_are_rounded_and_texts_are_not() -> None:
    svg = (
        '<svg version="1.1"><!-- 0.1234 --><path id="m0123456789" d="M 12.881732 -0.001 L 3.5 7"/>'
        '<use x="12.885000" xlink:href="#m0123456789"/><text>0.1234</text></svg>'
    )
    assert normalised(svg) == (
        '<svg version="1.1"><!-- 0.1234 --><path id="shape1" d="M 12.88 0 L 3.5 7"/>'
        '<use x="12.88" xlink:href="#shape1"/><text>0.1234</text></svg>'
    )
