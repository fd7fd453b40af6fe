"""The style sheets say nothing that a browser does not understand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.browser.conftest import Open

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
STATIC = Path(__file__).parents[2] / "minigram_site/static/minigram_site"
STYLES = sorted(path for path in STATIC.rglob("*.css") if "vendor" not in path.parts)
# The formatter writes one declaration a line; long values go on in the next lines.
# What describes a face or a transition is no property, and what brings in another sheet neither.
DESCRIPTORS = re.compile(r"@(?:font-face|view-transition) \{[^}]*\}|@import [^;]+;")
DECLARATION = re.compile(r"^ +([\w-]+):\s+([^;{}]+);$", re.MULTILINE)


@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.name)
def test_chromium_knows_every_property_and_accepts_its_value(open_as: Open, style: Path) -> None:
    written = style.read_text()
    text = DESCRIPTORS.sub("", written)
    declarations = DECLARATION.findall(text)
    assert len(declarations) == text.count(";")
    assert declarations or "@import" in written
    refused = open_as().evaluate(
        "pairs => pairs.filter(([name, value]) =>"
        " !CSS.supports(name, value.replace(/!important$/, '')))",
        declarations,
    )
    assert refused == []
