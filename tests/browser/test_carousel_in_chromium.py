"""Photos of several pictures, in a real browser."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from photos.models import Photo
from photos.services import comment
from tests.browser.conftest import Open
from tests.factories import picture, published, upload

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]

# Shapes that fit no common one.
SIZES = [(400, 300), (300, 400), (320, 320)]


def three_pictures(author: User) -> Photo:
    """Publish a photo of three pictures that fit no common shape."""
    return published(author=author, image=[upload(picture(size)) for size in SIZES])


def test_a_carousel_turns_by_button_key_and_swipe_and_says_where_it_is(
    open_as: Open, alice: User
) -> None:
    photo = three_pictures(alice)
    page = open_as(alice, width=390)
    page.goto(photo.get_absolute_url())
    where = page.locator(".carousel .where")
    assert where.get_attribute("aria-live") == "polite"
    expect(where).to_have_text("Picture 1 of 3")
    expect(page.get_by_role("button", name="Previous picture")).to_be_hidden()
    page.get_by_role("button", name="Next picture").click()
    expect(where).to_have_text("Picture 2 of 3")
    page.locator(".carousel .strip").focus()
    page.keyboard.press("ArrowRight")
    expect(where).to_have_text("Picture 3 of 3")
    expect(page.get_by_role("button", name="Next picture")).to_be_hidden()
    expect(page.get_by_role("button", name="Previous picture")).to_be_visible()
    expect(page.get_by_role("group", name="Picture 3 of 3")).to_be_in_viewport(ratio=0.9)
    # Two fingers on a trackpad move the strip, also while it still turns; then it snaps.
    page.locator(".carousel .strip").hover()
    for number in (2, 1):
        page.mouse.wheel(-300, 0)
        expect(where).to_have_text(f"Picture {number} of 3")


def test_nothing_moves_while_the_pictures_of_a_carousel_arrive(
    open_as: Open, alice: User, layout_shift: Callable[[Page], float]
) -> None:
    photo = three_pictures(alice)
    page = open_as(alice, width=390)
    page.goto(photo.get_absolute_url())
    assert layout_shift(page) == 0
    strip = page.locator(".carousel .strip")
    height = strip.bounding_box()
    strip.evaluate("strip => { while (strip.children.length > 1) strip.lastChild.remove(); }")
    assert strip.bounding_box() == height


def test_nothing_moves_when_the_script_comes_late(
    open_as: Open, alice: User, layout_shift: Callable[[Page], float]
) -> None:
    photo = three_pictures(alice)
    comment(author=alice, photo_id=photo.pk, text="Late")
    page = open_as(alice, width=390)

    def delay(route: Route) -> None:
        time.sleep(0.5)
        route.continue_()

    page.route("**/app*.js", delay)
    page.goto(photo.get_absolute_url())
    assert layout_shift(page) == 0


@pytest.mark.parametrize("width", [390, 1200])
def test_a_carousel_is_as_wide_as_its_place(open_as: Open, alice: User, width: int) -> None:
    page = open_as(alice, width=width)
    page.goto(three_pictures(alice).get_absolute_url())
    place, strip = (page.locator(name).bounding_box() for name in (".carousel", ".carousel .strip"))
    assert place is not None
    assert strip is not None
    assert (strip["x"], strip["width"]) == (place["x"], place["width"])


def test_each_picture_of_a_photo_is_described_afterwards(open_as: Open, alice: User) -> None:
    photo = three_pictures(alice)
    page = open_as(alice)
    page.goto(photo.get_absolute_url())
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Description", exact=False).first.fill("One")
    page.get_by_label("Description of picture 3").fill("Three")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_alt_text("Three")).to_be_attached()
    photo.refresh_from_db()
    assert [one.alt_text for one in photo.pictures] == ["One", "", "Three"]


@pytest.mark.parametrize(
    ("first", "ratio"), [((400, 300), 4 / 3), ((300, 600), 0.8), ((900, 300), 1.91)]
)
def test_the_frame_is_that_of_the_first_picture_within_limits(
    open_as: Open, alice: User, first: tuple[int, int], ratio: float
) -> None:
    files = [upload(picture(size)) for size in (first, (320, 320))]
    page = open_as(alice, width=390)
    page.goto(published(author=alice, image=files).get_absolute_url())
    strip = page.locator(".carousel .strip").bounding_box()
    assert strip is not None
    assert strip["width"] / strip["height"] == pytest.approx(ratio, rel=0.01)


def test_without_javascript_a_scrollbar_tells_of_further_pictures(
    open_as: Open, alice: User
) -> None:
    page = open_as(alice, width=390, script=False)
    page.goto(three_pictures(alice).get_absolute_url())
    expect(page.locator(".carousel .strip")).to_have_css("scrollbar-width", "auto")
    expect(page.get_by_role("button", name="Next picture")).to_have_count(0)
