"""The filmstrip, turns, crops, and drafts that are taken up again, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from PIL import Image
from playwright.sync_api import Page, expect

from accounts.models import User
from photos.models import Draft, Media, Photo
from tests.browser.conftest import Open
from tests.browser.hands import drag, hold
from tests.browser.uploads.test_upload_in_chromium import (
    SIZES,
    THERE,
    choose,
    press_publish,
    sizes,
)
from tests.factories import picture
from tests.photos.image_files import encoded

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
SAVED = "Saved in your drafts"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Return three pictures of different sizes."""
    for name, size in SIZES.items():
        (tmp_path / name).write_bytes(picture(size))
    return [tmp_path / name for name in SIZES]


@pytest.fixture
def page(open_as: Open, alice: User) -> Page:
    """Return the upload page as Alice sees it."""
    page = open_as(alice)
    page.goto("/upload/")
    return page


def test_pictures_are_dragged_into_another_order(page: Page, files: list[Path]) -> None:
    choose(page, *files)
    rows = page.locator("#pictures > li")
    expect(page.locator(THERE)).to_have_count(3)
    page.wait_for_function("() => Boolean(globalThis.Sortable)")
    first, box = rows.nth(0).locator("button"), rows.nth(0).bounding_box()
    assert box
    drag(
        page,
        rows.nth(2),
        (box["x"] + 6, box["y"] + 30),
        until=lambda: "three.jpg" in str(first.get_attribute("aria-label")),
    )
    press_publish(page)
    assert sizes() == [SIZES["three.jpg"], SIZES["one.jpg"], SIZES["two.jpg"]]


def test_keys_choose_move_and_remove_pictures(page: Page, files: list[Path]) -> None:
    choose(page, *files)
    expect(page.locator(THERE)).to_have_count(3)
    buttons = page.locator("#pictures button")
    buttons.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(buttons.nth(1)).to_be_focused()
    expect(buttons.nth(1)).to_have_attribute("aria-current", "true")
    page.keyboard.press("Shift+ArrowLeft")
    expect(buttons.nth(0)).to_be_focused()
    expect(buttons.nth(0)).to_have_attribute("aria-label", re.compile("two.jpg"))
    page.keyboard.press("End")
    page.keyboard.press("Delete")
    expect(buttons).to_have_count(2)
    expect(buttons.nth(1)).to_be_focused()
    page.get_by_role("button", name="Cover", exact=True).click()
    press_publish(page)
    assert sizes() == [SIZES["one.jpg"], SIZES["two.jpg"]]


def test_a_picture_is_turned_and_cropped(page: Page, files: list[Path]) -> None:
    choose(page, files[0])
    expect(page.locator(THERE)).to_have_count(1)
    with page.expect_response("**/adjust/"):
        page.get_by_role("button", name="Turn").click()
    page.get_by_role("button", name="Crop").click()
    page.get_by_role("radio", name="1:1", exact=True).check()
    with page.expect_response("**/adjust/"):
        page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("button", name="Crop")).to_be_focused()
    media = Media.objects.get()
    assert (media.turn, media.crop) == (1, pytest.approx([0, 0.125, 1, 0.75], abs=0.01))
    press_publish(page)
    (width, height) = sizes()[0]
    assert [width, height] == pytest.approx([300, 300], abs=3)
    assert (Photo.objects.get().turn, len(Photo.objects.get().crop)) == (1, 4)


def test_a_crop_can_be_left_as_it_was(page: Page, files: list[Path]) -> None:
    choose(page, files[0])
    expect(page.locator(THERE)).to_have_count(1)
    page.get_by_role("button", name="Crop").click()
    expect(page.locator("cropper-selection")).to_be_visible()
    page.get_by_label("Size").fill("50")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Crop")).to_be_focused()
    press_publish(page)
    assert sizes() == [SIZES["one.jpg"]]


def test_a_draft_is_taken_up_again(
    page: Page, open_as: Open, alice: User, files: list[Path]
) -> None:
    choose(page, *files)
    page.get_by_label("Caption").fill("Half done")
    page.get_by_label("Description").fill("Begun")
    expect(page.locator(THERE)).to_have_count(3)
    with page.expect_response("**/adjust/"):
        page.get_by_role("button", name="Turn").click()
    page.get_by_role("button", name="Later").click()
    # What is not saved yet is not called saved, not even for a moment.
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.reload()
    expect(page.locator(THERE)).to_have_count(3)
    expect(page.get_by_label("Caption")).to_have_value("Half done")
    # Logged in elsewhere, on another day.
    other = open_as(alice, width=360)
    other.goto("/upload/")
    other.get_by_role("link", name="Continue").click()
    expect(other.locator(THERE)).to_have_count(3)
    other.locator("#pictures button").nth(1).click()
    expect(other.get_by_label("Description")).to_have_value("Begun")
    press_publish(other)
    assert sizes() == [SIZES["two.jpg"], (300, 400), SIZES["three.jpg"]]
    assert not Draft.objects.exists()
    assert not Media.objects.exists()


def test_what_is_all_taken_out_again_leaves_no_draft(page: Page, files: list[Path]) -> None:
    choose(page, files[0])
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    page.wait_for_url("**/upload/")
    assert not Draft.objects.exists()


def test_a_picture_that_the_browser_cannot_show_is_shown_by_the_site(
    page: Page, tmp_path: Path
) -> None:
    (tmp_path / "phone.heic").write_bytes(encoded(Image.new("RGB", (320, 240), "teal"), "HEIF"))
    choose(page, tmp_path / "phone.heic")
    expect(page.locator("#stage img")).to_be_visible()
    assert page.locator("#stage img").evaluate("image => image.naturalWidth") > 0
    assert page.locator("#pictures img").evaluate("image => image.naturalWidth") > 0
    expect(page.get_by_role("button", name="Crop")).to_be_enabled()


def test_the_same_picture_twice_is_told(page: Page, files: list[Path]) -> None:
    choose(page, files[0], files[0])
    expect(page.locator("#refused")).to_contain_text("You have added this picture twice.")
    press_publish(page)
    assert sizes() == [SIZES["one.jpg"]] * 2


def test_without_javascript_a_draft_is_arranged(
    open_as: Open, alice: User, files: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("words")
    page = open_as(alice, script=False)
    page.goto("/upload/")
    choose(page, *files, tmp_path / "notes.txt")
    page.get_by_role("button", name="Arrange and describe").click()
    expect(page.get_by_text("notes.txt: This isn’t a picture.")).to_be_visible()
    rows = page.locator("fieldset.row")
    expect(rows).to_have_count(3)
    rows.nth(0).get_by_label("Description").fill("The first")
    rows.nth(0).get_by_label("Place").select_option("2")
    rows.nth(0).get_by_label("Crop").select_option("1:1")
    rows.nth(1).get_by_label("Turn").select_option("1")
    rows.nth(2).get_by_label("Remove").check()
    page.get_by_role("button", name="Save").click()
    expect(rows).to_have_count(2)
    press_publish(page)
    assert sizes() == [(400, 300), (300, 300)]
    assert [one.alt_text for one in Photo.objects.get().pictures] == ["", "The first"]


def test_a_phone_is_asked_for_photos_by_the_plus_of_any_page(
    open_as: Open, alice: User, files: list[Path]
) -> None:
    page = open_as(alice, width=360, touch=True)
    page.goto("/settings/")
    for paths in ([], files):
        with page.expect_file_chooser() as chooser:
            page.get_by_role("link", name="New photo").tap()
        if paths:
            chooser.value.set_files(paths)
    page.wait_for_url("**/upload/")
    expect(page.locator(THERE)).to_have_count(3)
    press_publish(page)
    assert sizes() == list(SIZES.values())


# What is left behind of a choice if the page that it leads to never comes.
LEFT = """() => new Promise(done => {
    const opening = indexedDB.open("minigram-upload", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("files");
    opening.onsuccess = () => {
        const asked = opening.result.transaction("files").objectStore("files").count();
        asked.onsuccess = () => { opening.result.close(); done(asked.result); };
    };
})"""


def leave_behind(page: Page, files: list[Path]) -> None:
    """Choose photos by the plus, and lose the line before the page for them comes."""
    page.goto("/settings/")
    lost = hold(page, "**/upload/", times=1)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("link", name="New photo").tap()
    chooser.value.set_files(files)
    while not lost:
        page.wait_for_timeout(50)
    lost[0].abort("aborted")
    page.goto("/settings/")
    assert page.evaluate(LEFT) == 1


@pytest.mark.parametrize("who", ["same", "another", "late"])
def test_photos_that_were_left_behind_are_for_who_chose_them_and_not_for_long(
    open_as: Open, alice: User, bob: User, files: list[Path], who: str
) -> None:
    page = open_as(alice, width=360, touch=True)
    leave_behind(page, files)
    if who == "another":
        client = Client()
        client.force_login(bob)
        session = client.cookies["sessionid"].value
        origin = page.evaluate("location.origin")
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": origin}])
    if who == "late":
        page.clock.install()
        page.clock.fast_forward("10:01")
    page.goto("/upload/")
    expect(page.locator("form.lively")).to_be_visible()
    page.wait_for_function(f"({LEFT})().then(left => left === 0)")
    if who == "same":
        expect(page.locator(THERE)).to_have_count(3)
    else:
        page.wait_for_load_state("networkidle")
        expect(page.locator("#pictures > li")).to_have_count(0)


def test_who_logs_out_leaves_no_photos_behind(
    open_as: Open, alice: User, files: list[Path]
) -> None:
    page = open_as(alice, width=360, touch=True)
    leave_behind(page, files)
    page.get_by_role("button", name="More").first.tap()
    page.get_by_role("button", name="Log out").tap()
    page.wait_for_url(lambda url: "settings" not in url)
    assert page.evaluate(LEFT) == 0


@pytest.mark.parametrize(("script", "touch"), [(False, True), (True, False)])
def test_the_plus_is_a_link_without_script_and_beside_a_mouse(
    open_as: Open, alice: User, script: bool, touch: bool
) -> None:
    page = open_as(alice, script=script, touch=touch)
    page.goto("/settings/")
    page.get_by_role("link", name="New photo").click()
    page.wait_for_url("**/upload/")
