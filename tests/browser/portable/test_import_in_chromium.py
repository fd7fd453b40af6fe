"""An archive is sent, looked at and brought along in Chromium, with and without JavaScript."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from photos.models import Photo
from social.portable.jobs import parts
from social.portable.models import Import, ImportPart
from tests.browser.conftest import Open
from tests.factories import picture
from tests.social.portable.sending import zipped
from tests.social.portable.test_import import described

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
both_ways = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
PARTS = "**/settings/import/parts/"


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: Any) -> None:
    """Have archives sent in parts of a kilobyte."""
    monkeypatch.setattr(parts, "PART_BYTES", 1024)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return an archive of a photo, and of one that it does not hold."""
    photos = [described(pictures=[{"file": "originals/7-1.jpg"}, {"file": "gone.jpg"}])]
    zipped(tmp_path, *photos, **{"originals/7-1.jpg": picture()})
    return tmp_path / "sent.zip"


def send(page: Page, archive: Path) -> None:
    """Choose an archive and press the button."""
    page.get_by_label("ZIP file").set_input_files(archive)
    page.get_by_role("button", name="Send the archive").click()


@both_ways
def test_an_archive_is_sent_looked_at_and_brought_along(
    open_as: Open, alice: User, archive: Path, script: bool
) -> None:
    page = open_as(alice, script=script, width=390)
    page.goto("/settings/import/")
    send(page, archive)
    expect(page.get_by_role("heading", name="Archive of MiniGram")).to_be_visible()
    assert ImportPart.objects.count() > 1
    page.get_by_role("link", name="See which, and why").click()
    expect(page.get_by_text("gone.jpg")).to_be_visible()
    page.get_by_role("link", name="Back to the import").click()
    page.get_by_label("Only me").check()
    page.get_by_label("Put them in a new album").fill("Before")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("1 picture was imported.")).to_be_visible()
    assert Photo.objects.get().archived
    page.get_by_role("button", name="Clear this result").click()
    expect(page.get_by_text("1 picture was imported.")).to_have_count(0)
    assert not Import.objects.exists()


def test_a_part_that_is_lost_is_sent_again(
    open_as: Open, alice: User, archive: Path, faults: list[str]
) -> None:
    page = open_as(alice)
    page.goto("/settings/import/")
    lost: list[str] = []

    def lose_the_second(route: Route) -> None:
        lost.append(route.request.url)
        if len(lost) == 2:
            route.abort("connectionreset")
        else:
            route.fallback()

    page.route(PARTS, lose_the_second)
    send(page, archive)
    expect(page.get_by_role("heading", name="Archive of MiniGram")).to_be_visible()
    assert len(lost) == ImportPart.objects.count() + 1
    # The browser says so, too.
    assert all("ERR_CONNECTION_RESET" in fault for fault in faults)
    faults.clear()


def test_another_day_the_same_file_goes_on_where_it_was(
    open_as: Open, alice: User, archive: Path
) -> None:
    page = open_as(alice)
    page.goto("/settings/import/")
    sent: list[str] = []

    def leave_after_two(route: Route) -> None:
        sent.append(route.request.url)
        if len(sent) > 2:
            route.fulfill(status=422, json={"detail": "Enough for today."})
        else:
            route.fallback()

    page.route(PARTS, leave_after_two)
    send(page, archive)
    expect(page.get_by_role("alert")).to_have_text("Enough for today.")
    page.unroute(PARTS)
    page.goto("/settings/import/")
    expect(page.get_by_text("Choose sent.zip again to go on.")).to_be_visible()
    assert Import.objects.get().received == 2048
    send(page, archive)
    expect(page.get_by_role("heading", name="Archive of MiniGram")).to_be_visible()
    job = Import.objects.get()
    assert job.received == job.size == archive.stat().st_size
    assert ImportPart.objects.count() == -(-job.size // 1024)


def test_a_file_that_the_site_does_not_take_is_told_beside_the_button(
    open_as: Open, alice: User, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.zip"
    empty.write_bytes(b"")
    page = open_as(alice)
    page.goto("/settings/import/")
    send(page, empty)
    expect(page.get_by_role("alert")).to_contain_text("This file is empty.")
    expect(page.get_by_role("button", name="Send the archive")).to_be_enabled()
