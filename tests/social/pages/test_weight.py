"""What the feed weighs on its way: HTML, style sheets and scripts, compressed as they are sent."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from posixpath import dirname, join, normpath

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from accounts.models import User
from minigram_site.storage.static_files import HashedStaticFiles
from tests.factories import make_follow, make_photo

As = Callable[[User | None], Client]
MOST = 45_000
MOST_SHEETS = 2
IMPORTED = re.compile(r"""(?:from|import)\s*["'](\.\.?/[\w./-]+\.js)["']""")


@pytest.fixture
def collected(tmp_path: Path) -> HashedStaticFiles:
    """Return a folder with what the site's own pages load, as ``collectstatic`` leaves it."""
    storage = HashedStaticFiles(location=tmp_path, base_url="/static/")
    paths = {
        name: (source, name)
        for finder in finders.get_finders()
        for name, source in finder.list([])
        if name.startswith("minigram_site/") or name.endswith("htmx-2.min.js")
    }
    faults = [made for *_, made in storage.post_process(paths) if isinstance(made, Exception)]
    assert not faults
    return storage


def modules(storage: HashedStaticFiles, name: str) -> set[str]:
    """Return the name of a script and of all that come with it, before anything is pressed."""
    found = {name}
    for path in IMPORTED.findall(Path(storage.path(name)).read_text()):
        found |= modules(storage, normpath(join(dirname(name), path)))
    return found


@pytest.mark.django_db
def test_a_feed_of_twenty_photos_weighs_at_most_45_kb(
    browser_as: As, alice: User, bob: User, collected: HashedStaticFiles
) -> None:
    make_follow(alice, bob)
    for number in range(20):
        make_photo(bob, caption=f"Number {number} of some, with a caption of a usual length.")
    response = browser_as(alice).get("/feed/", headers={"Accept-Encoding": "gzip"})
    weight = {"page": len(response.content)}
    page = gzip.decompress(response.content).decode()
    names = re.findall(r'(?:href|src)="/static/([^"]+\.(?:css|js))"', page)
    assert sum(name.endswith(".css") for name in names) <= MOST_SHEETS
    hashed = [collected.hashed_files[collected.hash_key(name)] for name in names]
    for name in {file for script in hashed for file in modules(collected, script)}:
        weight[name] = len(gzip.compress(Path(collected.path(name)).read_bytes()))
    assert len(weight) > 10
    assert sum(weight.values()) <= MOST, weight


def test_what_is_collected_has_no_comments_and_one_sheet_in_the_place_of_many(
    collected: HashedStaticFiles,
) -> None:
    sheet = Path(collected.path(collected.hashed_files["minigram_site/site.css"])).read_text()
    assert "@import" not in sheet
    assert "/*" not in sheet
    assert "--accent:" in sheet
    assert ".menu" in sheet
    script = Path(collected.path(collected.hashed_files["minigram_site/js/app.js"])).read_text()
    assert "//" not in script
    assert re.search(r'from ?"\./toast\.[0-9a-f]{12}\.js"', script)
    assert re.search(r'import\("\./undo\.[0-9a-f]{12}\.js"\)', script)
