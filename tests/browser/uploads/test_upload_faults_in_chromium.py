"""What goes wrong between the upload page and the site, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from photos.models import Media, Photo
from social.publishing import discard
from tests.browser.conftest import Open
from tests.browser.hands import hold
from tests.browser.uploads.test_upload_in_chromium import (
    THERE,
    choose,
    hold_uploads,
    press_publish,
    tell_lost,
    transfer,
)
from tests.factories import picture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
PASTE = """data => document.querySelector("[name=caption]").dispatchEvent(
    new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}))"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a picture."""
    path = tmp_path / "one.jpg"
    path.write_bytes(picture())
    return path


@pytest.fixture
def page(open_as: Open, alice: User) -> Page:
    """Return the upload page as Alice sees it, with a clock that tests can put forward."""
    page = open_as(alice)
    page.clock.install()
    page.goto("/upload/")
    return page


def test_what_was_thrown_away_over_night_is_sent_again(
    page: Page, file: Path, faults: list[str]
) -> None:
    choose(page, file, file)
    page.get_by_label("Caption").fill("Kept")
    page.get_by_label("Description").fill("Kept as well")
    expect(page.locator(THERE)).to_have_count(2)
    discard(Media.objects.order_by("pk")[:1])
    press_publish(page)
    photo = Photo.objects.get()
    assert photo.caption == "Kept"
    assert [one.alt_text for one in photo.pictures] == ["Kept as well", ""]


def test_a_silent_network_is_told_and_tried_again(page: Page, file: Path) -> None:
    waiting = hold_uploads(page)
    with page.expect_request("**/upload/media/"):
        choose(page, file)
    page.clock.fast_forward("00:31")
    expect(page.locator("#fault")).to_contain_text("The site doesn’t answer.")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    with page.expect_request("**/upload/media/"):
        page.clock.fast_forward("00:11")
    expect(page.locator("#fault")).to_be_empty()
    page.get_by_role("button", name="Publish").click()
    waiting[-1].continue_()
    expect(page.get_by_text("Your photo is published.")).to_be_visible()


def test_publishing_in_silence_is_told(page: Page, file: Path) -> None:
    choose(page, file)
    expect(page.locator(THERE)).to_have_count(1)
    hold(page, "**/upload/arrange/", times=1)
    with page.expect_request("**/upload/arrange/"):
        page.get_by_role("button", name="Publish").click()
    page.clock.fast_forward("01:01")
    expect(page.locator("#upload-errors")).to_contain_text("Press Publish again")
    press_publish(page)
    assert Photo.objects.count() == 1


def test_a_file_that_is_gone_is_not_called_a_lost_connection(
    page: Page, file: Path, faults: list[str]
) -> None:
    tell_lost(page, "**/upload/media/", times=1)
    choose(page, file)
    expect(page.locator("#fault")).to_contain_text("The connection was lost.")
    file.unlink()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#refused")).to_contain_text("This file can’t be read any more.")
    faults[:] = [line for line in faults if "net::ERR_" not in line]


def test_a_file_beside_the_box_is_taken_too(page: Page) -> None:
    data = transfer(page, picture(), "given.jpg", "image/jpeg")
    taken = page.evaluate(
        """data => ["dragover", "drop"].map(name => !document.body.dispatchEvent(
            new DragEvent(name, {dataTransfer: data, bubbles: true, cancelable: true})))""",
        data,
    )
    assert taken == [True, True]
    expect(page.locator("#pictures > li")).to_have_count(1)


def test_words_may_be_dragged_as_ever(page: Page) -> None:
    left_alone = page.evaluate(
        """() => { const data = new DataTransfer(); data.setData("text/plain", "Sunday");
        return document.querySelector("[name=caption]").dispatchEvent(
            new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true})); }"""
    )
    assert left_alone


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        ("Sunday at the lake", 0),
        ("", 1),
        ("given.png", 1),
        ("/home/alice/given.png\n", 1),
        ("given.png is my favourite", 0),
    ],
    ids=["words", "picture alone", "a copied file", "its path", "words with its name"],
)
def test_words_copied_with_a_picture_of_them_stay_words(page: Page, words: str, taken: int) -> None:
    data = transfer(page, picture(), "given.png", "image/png")
    data.evaluate("(data, words) => { if (words) data.setData('text/plain', words); }", words)
    assert page.evaluate(PASTE, data) is not bool(taken)
    expect(page.locator("#pictures > li")).to_have_count(taken)
