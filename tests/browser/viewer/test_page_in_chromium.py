"""The page of a photo: it fills the window, dark in both themes, sharp and never blown up."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FloatRect, Page, expect

from accounts.models import User
from photos.models import Photo
from photos.services import comment
from tests.browser.conftest import Open
from tests.browser.test_pages_in_chromium import with_pictures
from tests.factories import make_photo, picture, published, upload

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]


def photo_of(author: User, size: tuple[int, int]) -> Photo:
    """Publish a photo of this size."""
    return published(author=author, image=upload(picture(size)))


def box(page: Page, selector: str) -> FloatRect:
    """Return where an element is."""
    found = page.locator(selector).first.bounding_box()
    assert found is not None
    return found


@pytest.mark.parametrize("shape", [(2400, 1600), (2000, 1500)], ids=["3:2", "4:3"])
@pytest.mark.parametrize("window", [(1280, 800), (1920, 1080)], ids=["1280", "1920"])
def test_a_photo_takes_more_than_half_of_the_window(
    open_as: Open, alice: User, window: tuple[int, int], shape: tuple[int, int]
) -> None:
    page = open_as(alice)
    page.set_viewport_size({"width": window[0], "height": window[1]})
    page.goto(photo_of(alice, shape).get_absolute_url())
    image = box(page, ".stage img")
    assert image["width"] * image["height"] >= 0.55 * window[0] * window[1]
    assert image["y"] >= 0
    assert image["y"] + image["height"] <= window[1] + 1


def test_a_photo_is_as_wide_as_a_phone(open_as: Open, alice: User) -> None:
    page = open_as(alice, width=360)
    page.goto(photo_of(alice, (1200, 900)).get_absolute_url())
    image = box(page, ".stage img")
    assert (image["x"], image["width"]) == (0, 360)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_small_photo_is_not_blown_up(open_as: Open, alice: User, width: int) -> None:
    page = open_as(alice, width=width)
    page.goto(photo_of(alice, (300, 220)).get_absolute_url())
    image = box(page, ".stage img")
    assert (image["width"], image["height"]) == (300, 220)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_ground_is_dark_in_both_themes(open_as: Open, alice: User, dark: bool) -> None:
    page = open_as(alice, dark=dark)
    page.goto(photo_of(alice, (400, 300)).get_absolute_url())
    ground = page.locator(".stage").evaluate("stage => getComputedStyle(stage).backgroundColor")
    assert ground == "rgb(11, 12, 13)"


@pytest.mark.parametrize("width", [360, 1280, 1920])
def test_the_file_has_the_pixels_that_are_shown(open_as: Open, alice: User, width: int) -> None:
    page = open_as(alice, width=width)
    page.goto(photo_of(alice, (2000, 1500)).get_absolute_url())
    image = page.locator(".stage img")
    image.evaluate("image => image.decode()")
    shown = image.evaluate("image => image.clientWidth")
    widths = image.evaluate(
        """image => { const [found] = image.srcset.split(", ").filter(
            part => image.currentSrc.endsWith(part.split(" ")[0])
        ); return parseInt(found.split(" ")[1]); }"""
    )
    assert widths >= 0.9 * shown


def test_the_page_has_one_title(open_as: Open, alice: User) -> None:
    page = open_as(alice)
    page.goto(photo_of(alice, (400, 300)).get_absolute_url())
    expect(page.get_by_role("heading", level=1, name="Photo by alice")).to_have_count(1)


def test_comments_are_a_panel_beside_the_photo_on_desktops(open_as: Open, alice: User) -> None:
    photo = make_photo(alice)
    comment(author=alice, photo_id=photo.pk, text="Right beside")
    page = open_as(alice)
    with_pictures(page)
    page.goto(photo.get_absolute_url())
    panel = box(page, ".viewer-side")
    assert (panel["x"], panel["width"], panel["height"]) == (920, 360, 800)
    expect(page.get_by_text("Right beside")).to_be_visible()
    expect(page.get_by_label("Comment", exact=True)).to_be_in_viewport()


def test_comments_are_a_sheet_on_phones(open_as: Open, alice: User) -> None:
    photo = make_photo(alice)
    comment(author=alice, photo_id=photo.pk, text="From below")
    page = open_as(alice, width=360)
    with_pictures(page)
    page.goto(photo.get_absolute_url())
    words = page.get_by_text("From below")
    expect(words).to_be_hidden()
    page.get_by_role("button", name="Comments").click()
    expect(words).to_be_visible()
    field = page.get_by_label("Comment", exact=True)
    expect(field).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(words).to_be_hidden()
    page.goto(f"{photo.get_absolute_url()}#comments")
    expect(words).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_without_javascript_the_comments_stand_on_the_page(
    open_as: Open, alice: User, width: int
) -> None:
    photo = make_photo(alice)
    comment(author=alice, photo_id=photo.pk, text="All the same")
    page = open_as(alice, width=width, script=False)
    with_pictures(page)
    page.goto(photo.get_absolute_url())
    expect(page.get_by_text("All the same")).to_be_visible()
    page.get_by_label("Comment", exact=True).fill("And one more")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("And one more")).to_be_visible()


@pytest.mark.parametrize("before", ["a list", "nothing"])
def test_escape_closes_the_page_of_a_photo_and_first_what_is_open_over_it(
    open_as: Open, alice: User, before: str
) -> None:
    photo = make_photo(alice)
    page = open_as(alice)
    with_pictures(page)
    if before == "a list":
        page.goto("/saved/")
        page.evaluate("address => location.assign(address)", photo.get_absolute_url())
        page.wait_for_url(f"**{photo.get_absolute_url()}")
    else:
        page.goto(photo.get_absolute_url())
    delete = page.get_by_role("link", name="Delete")
    page.get_by_role("button", name="More actions").click()
    expect(delete).to_be_visible()
    page.keyboard.press("Escape")
    expect(delete).to_be_hidden()
    page.get_by_label("Comment", exact=True).fill("Half a thought")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Half a thought")
    page.get_by_role("button", name="More actions").focus()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_be_visible()
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)
    expect(page).to_have_url(re.compile(photo.get_absolute_url()))
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("/saved/" if before == "a list" else "/@alice/"))


def test_the_menu_closes_by_escape_and_beside_it(open_as: Open, alice: User) -> None:
    page = open_as(alice)
    with_pictures(page)
    page.goto(make_photo(alice).get_absolute_url())
    more = page.get_by_role("button", name="More actions")
    delete = page.get_by_role("link", name="Delete")
    more.click()
    expect(delete).to_be_visible()
    page.keyboard.press("Escape")
    expect(delete).to_be_hidden()
    more.click()
    expect(delete).to_be_visible()
    page.mouse.click(300, 500)
    expect(delete).to_be_hidden()
