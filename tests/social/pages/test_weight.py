"""What the feed weighs on its way: HTML, style sheets and scripts, compressed as they are sent."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from accounts.models import User
from tests.factories import make_follow, make_photo

As = Callable[[User | None], Client]
MOST = 45_000
IMPORTED = re.compile(r"""(?:from|import)\s*["']\./([\w-]+\.js)["']""")


def modules(path: Path) -> set[Path]:
    """Return a script and all that it imports, and so on."""
    found = {path}
    for name in IMPORTED.findall(path.read_text()):
        found |= modules(path.with_name(name))
    return found


@pytest.mark.django_db
def test_a_feed_of_twenty_photos_weighs_at_most_45_kb(
    browser_as: As, alice: User, bob: User
) -> None:
    make_follow(alice, bob)
    for number in range(20):
        make_photo(bob, caption=f"Number {number} of some, with a caption of a usual length.")
    response = browser_as(alice).get("/feed/", headers={"Accept-Encoding": "gzip"})
    weight = {"page": len(response.content)}
    page = gzip.decompress(response.content).decode()
    names = re.findall(r'(?:href|src)="/static/([^"]+\.(?:css|js))"', page)
    files = {file for name in names for file in modules(Path(str(finders.find(name))))}
    weight |= {file.name: len(gzip.compress(file.read_bytes())) for file in files}
    assert len(weight) > 10
    assert sum(weight.values()) <= MOST, weight
