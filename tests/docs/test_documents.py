"""What documents list is what there is; `make docs` checks that their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def test_every_decision_is_in_the_list_of_decisions() -> None:
    folder = PROJECT / "docs/adr"
    listed = re.findall(r"\]\((\d{4}-[a-z-]+\.md)\)", (folder / "README.md").read_text())
    assert listed == sorted(path.name for path in folder.glob("0*.md"))


def test_every_target_of_make_is_described_for_contributors() -> None:
    described = re.findall(r"^\| `make ([a-z-]+)", (PROJECT / "CONTRIBUTING.md").read_text(), re.M)
    targets = re.findall(r"^([a-z-]+):.*##", (PROJECT / "Makefile").read_text(), re.M)
    assert sorted(described) == sorted(set(targets) - {"help"})
