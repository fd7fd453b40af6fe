"""The map of the code is the code: packages, sentences, paths and names."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
DOCUMENT = (PROJECT / "docs/architecture.md").read_text()
ROOTS = ("social", "photos", "accounts", "minigram_site", "infra")
# What Django asks for, and what a package's own line says already.
NOT_ON_THE_MAP = {"migrations", "management", "commands", "templatetags"}


def packages() -> list[Path]:
    """Return the packages of the product, the apps' layers first."""
    found = [path.parent for root in ROOTS for path in (PROJECT / root).rglob("__init__.py")]
    listed = [path for path in found if not NOT_ON_THE_MAP & set(path.relative_to(PROJECT).parts)]
    return sorted(listed, key=lambda path: (ROOTS.index(_parts(path)[0]), _parts(path)))


def the_map() -> str:
    """Return the table of packages as the document should have it."""
    rows = [f"| `{'/'.join(_parts(path))}/` | {_sentence(path)} |" for path in packages()]
    return "\n".join(["| Package | What it is |", "|---|---|", *rows])


def _parts(path: Path) -> tuple[str, ...]:
    return path.relative_to(PROJECT).parts


def _sentence(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse((path / "__init__.py").read_text())) or ""
    return " ".join(docstring.partition("\n\n")[0].split()).replace("``", "`")


def places() -> list[tuple[str, str]]:
    """Return the paths of "Where do I change …", each with a name in it or with none."""
    section = DOCUMENT.partition("## Where do I change")[2].partition("\n## ")[0]
    rows = [line.split(" | ")[1] for line in section.splitlines() if line.startswith("| ")][1:]
    return [
        place for row in rows for place in re.findall(r"`([\w/@.-]+/[\w@.-]+)`(?: `(\w+)`)?", row)
    ]


def test_the_map_shows_every_package_in_its_own_words() -> None:
    drawn = DOCUMENT.partition("test_architecture.py -->\n")[2].partition("\n<!-- end")[0]
    assert drawn == the_map(), f"docs/architecture.md needs this map:\n{the_map()}"


def test_at_least_twenty_places_are_named() -> None:
    assert len(places()) >= 20


@pytest.mark.parametrize(("path", "name"), places(), ids=lambda value: value)
def test_a_place_to_change_exists(path: str, name: str) -> None:
    text = (PROJECT / path).read_text()
    if name:
        assert re.search(rf"^\s*(?:def|class) {name}\b|^{name}\b", text, re.M)
