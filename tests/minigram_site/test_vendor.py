"""Other people's files are kept as they came."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "minigram_site/static/minigram_site/vendor"
ROW = re.compile(r"^\|.*\| `([^`|]+)` \| `([0-9a-f]{64})` \|", re.MULTILINE)


def test_every_kept_file_is_listed_with_its_hash() -> None:
    listed = dict(ROW.findall((VENDOR / "README.md").read_text()))
    kept = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "README.md"
    }
    assert kept == listed


def test_every_kept_package_comes_with_its_licence() -> None:
    packages = [path for path in VENDOR.iterdir() if path.is_dir()]
    assert packages
    assert [path.name for path in packages if not (path / "LICENSE").is_file()] == []
