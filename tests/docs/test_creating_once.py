"""The list of what an ``Idempotency-Key`` covers names all of it, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

API = "api/v1/"


def covered(patterns: list[Any], before: str = "") -> set[str]:
    """Return the routes of the API whose ``post`` takes the key, with ``{id}`` for parameters."""
    found: set[str] = set()
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found |= covered(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and route.startswith(API):
            view = getattr(pattern.callback, "cls", None)
            if getattr(getattr(view, "post", None), "is_idempotent", False):
                found.add(re.sub(r"<[^>]+>", "{id}", route.removeprefix(API)))
    return found


def test_the_document_lists_each_create_that_takes_a_key() -> None:
    text = Path("docs/api.md").read_text(encoding="utf-8")
    section = text.partition("## Creating once\n")[2].partition("\n## ")[0]
    listed = set(re.findall(r"`POST ([^`]+)`", section.partition("`Idempotency-Key`")[0]))
    routes = covered(get_resolver().url_patterns)
    assert "photos/{id}/comments/" in routes
    assert listed == routes


def test_the_document_says_what_a_second_request_for_a_link_does() -> None:
    text = Path("docs/api.md").read_text(encoding="utf-8")
    section = text.partition("## Creating once\n")[2].partition("\n## ")[0]
    assert "`POST …/links/`" in section
    assert "`GET me/links/`" in section
