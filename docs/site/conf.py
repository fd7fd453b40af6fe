"""Sphinx's settings for the documentation site (`make docs`); warnings are errors there.

The source folder is the root of the repository, so that one relative link works in the site and on
a code host: a link to a document leads to its page, a link to any other file to a copy of it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml
from sphinx.application import Sphinx

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT))

from docs.site.api_reference import api_reference  # noqa: E402 - found by the line before
from minigram_site import __version__ as release  # noqa: E402, F401 - a setting of Sphinx

project = "MiniGram"
copyright = "2026, MiniGram contributors"  # noqa: A001 - a setting of Sphinx
language = "en"

root_doc = "docs/index"
include_patterns = ["*.md", "docs/**.md", "findings/*.md", "infra/*.md"]
# Folders named here are not searched. `docs/performance` holds records and plots; its report.html
# is performance.md in one file to be sent around, so the site has the document and not the report.
exclude_patterns = [".*", "build", "data", "docs/site", "docs/performance", "**/__pycache__"]

extensions = ["myst_parser"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "MiniGram"
html_extra_path = ["extra"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False

OPENAPI = PROJECT / "build/openapi.yaml"
MARK = "<!-- The site shows the reference here. -->"


def setup(app: Sphinx) -> None:
    """Let Sphinx fill in the API reference when it reads the page that is kept for it."""
    app.connect("source-read", fill_in_reference)


def fill_in_reference(_app: Sphinx, document: str, source: list[str]) -> None:
    """Put the reference made from `build/openapi.yaml` in the place of the mark in its page.

    Raises `FileNotFoundError` if the OpenAPI document was not written before.
    """
    if document == "docs/api-reference":
        source[0] = source[0].replace(MARK, api_reference(yaml.safe_load(OPENAPI.read_text())))
