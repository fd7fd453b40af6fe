"""Style sheets say nothing that a browser does not understand; made small, they say the same.

Scripts that are made small are still whole: minifiers know less of both languages than browsers.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import rcssmin
import rjsmin

from tests.browser.conftest import Open

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
STATIC = Path(__file__).parents[2] / "minigram_site/static/minigram_site"
# The formatter writes one declaration a line; long values go on in the next lines.
# What describes a face or a transition is no property, and what brings in another sheet neither.
DESCRIPTORS = re.compile(r"@(?:font-face|view-transition) \{[^}]*\}|@import [^;]+;")
DECLARATION = re.compile(r"^ +([\w-]+):\s+([^;{}]+);$", re.MULTILINE)
IMPORTED = re.compile(r"@import [^;]+;")
UNKNOWN = """pairs => pairs.filter(
    ([name, value]) => !CSS.supports(name, value.replace(/!important$/, "")))"""
# Every rule of a sheet, as the browser has understood it. Values with variables stay as they are
# written until they are used: there, blanks at commas, brackets and behind colons mean nothing, nor
# does the 0 of 0.5.
RULES = """text => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    const plain = text => text.replace(/\\s*(,)\\s*|(\\()\\s+|\\s+(\\))/g, "$1$2$3")
        .replace(/\\b0\\./g, ".").replace(/:?\\s+/g, blank => blank[0] === ":" ? ":" : " ");
    return [...sheet.cssRules].map(rule => plain(rule.cssText));
}"""
# A module is read to its end before the first of its imports runs, and that one lets no other run.
FAULT = """async text => {
    const stop = 'import "data:text/javascript,throw new Error()";';
    const address = URL.createObjectURL(new Blob([stop, text], {type: "text/javascript"}));
    const error = await import(address).catch(error => error);
    return error.name === "SyntaxError" ? String(error) : "";
}"""
TEMPLATE_IN_TEMPLATE = re.compile(r"`[^`]*\$\{[^}`]*`")


def sources(ending: str) -> list[Path]:
    """Return the site's own files of a kind."""
    found = sorted(path for path in STATIC.rglob(f"*{ending}") if "vendor" not in path.parts)
    assert len(found) > 10
    return found


def test_chromium_knows_every_property_and_accepts_its_value(open_as: Open) -> None:
    page = open_as()
    for sheet in sources(".css"):
        written = sheet.read_text()
        text = DESCRIPTORS.sub("", written)
        declarations = DECLARATION.findall(text)
        assert len(declarations) == text.count(";"), sheet.name
        assert declarations or "@import" in written, sheet.name
        assert page.evaluate(UNKNOWN, declarations) == [], sheet.name


def test_a_sheet_made_small_says_the_same(open_as: Open) -> None:
    page = open_as()
    for sheet in sources(".css"):
        written = IMPORTED.sub("", sheet.read_text())
        rules = page.evaluate(RULES, written)
        assert page.evaluate(RULES, rcssmin.cssmin(written)) == rules, sheet.name
    # A browser tells the two apart: this is what goes wrong in nested rules.
    nested = ".card { .menu :hover { color: red } }"
    assert page.evaluate(RULES, rcssmin.cssmin(nested)) != page.evaluate(RULES, nested)


def test_a_script_made_small_is_whole(open_as: Open) -> None:
    page = open_as()
    for script in sources(".js"):
        written = script.read_text()
        assert page.evaluate(FAULT, rjsmin.jsmin(written)) == "", script.name
        # The minifier takes the inner one for code, and shrinks the blanks in it.
        assert not TEMPLATE_IN_TEMPLATE.search(written), script.name
    cut = rjsmin.jsmin('let a = `${of ? `https://x/` : ""}`;')
    assert "SyntaxError" in page.evaluate(FAULT, cut)
    assert page.evaluate(FAULT, "export const a = 1;") == ""
