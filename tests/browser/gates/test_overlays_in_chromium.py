"""What opens above a page - photos, menus, sheets, toasts - is as accessible as pages are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from photos.models import Photo
from photos.services import comment
from tests.browser.conftest import Open
from tests.browser.gates.axe import complaints
from tests.browser.test_pages_in_chromium import with_pictures
from tests.factories import make_follow, make_photo, picture
from tests.social.albums.scene import make_album

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]


class Overlay(NamedTuple):
    """Something that opens: its name, the page it opens on, and what opens it and waits for it."""

    name: str
    path: str
    open: Callable[[Page], Locator]


def by_button(name: str, opened: str) -> Callable[[Page], Locator]:
    """Return what presses the first button of this name; it opens what the selector finds."""

    def press(page: Page) -> Locator:
        page.locator("main, dialog").get_by_role("button", name=name).first.click()
        return page.locator(opened).first

    return press


def menu_of_you(page: Page) -> Locator:
    page.locator("[popovertarget=you]").click()
    return page.locator("#you")


def menu_of_another(page: Page) -> Locator:
    card = page.locator("article.card", has_text="By Bob")
    card.get_by_role("button", name="More actions").click()
    return card.get_by_role("link", name="Mute")


def photo_over_list(page: Page) -> Locator:
    page.locator("main a:has(img)[href^='/p/']").first.click()
    return page.get_by_role("dialog").locator(".stage img").first


def menu_over_list(page: Page) -> Locator:
    expect(photo_over_list(page)).to_be_visible()
    return by_button("More actions", "dialog .menu:popover-open")(page)


def comments(page: Page) -> Locator:
    # A sheet on phones, beside the photo else.
    expect(page.locator(".viewer")).to_be_visible()
    if page.locator(".to-sheet").is_visible():
        page.locator(".to-sheet").click()
    return page.locator(".say textarea").last


def keys(page: Page) -> Locator:
    page.keyboard.press("?")
    return page.get_by_role("heading", name="Keyboard shortcuts")


def toast(page: Page) -> Locator:
    expect(comments(page)).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    undo = page.get_by_role("button", name="Undo")
    undo.focus()  # it stays as long as the focus does
    return undo


def crop_of(file: Path) -> Callable[[Page], Locator]:
    """Return what chooses a picture on the page of uploads, and crops it."""

    def crop(page: Page) -> Locator:
        page.unroute("**/media/**")  # where it is sent to
        page.get_by_label("Choose photos").set_input_files(file)
        expect(page.locator("#pictures .there")).to_have_count(1)
        page.get_by_role("button", name="Crop").click()
        return page.locator("cropper-selection")

    return crop


@pytest.fixture
def own(alice: User, bob: User) -> Photo:
    """Give Alice a feed with a photo of her own, which has her comment, and one of Bob's."""
    make_follow(alice, bob)
    make_photo(bob, "By Bob", alt_text="A hill")
    photo = make_photo(alice, "By Alice", alt_text="A lake")
    comment(author=alice, photo_id=photo.pk, text="Hasty words")
    return photo


@pytest.fixture
def overlays(own: Photo, alice: User, tmp_path: Path) -> list[Overlay]:
    album = make_album(alice, own)
    file = tmp_path / "one.jpg"
    file.write_bytes(picture())
    at = own.get_absolute_url()
    return [
        Overlay("menu of you", "/feed/", menu_of_you),
        Overlay("menu of an own card", "/feed/", by_button("More actions", "main .menu a.danger")),
        Overlay("menu of a card", "/feed/", menu_of_another),
        Overlay("menu of a photo", at, by_button("More actions", "#photo-menu")),
        Overlay("menu of a profile", "/@bob/", by_button("Profile menu", ".menu:popover-open")),
        Overlay("menu of an album", album.get_absolute_url(), by_button("More", "#album-menu")),
        Overlay("photo over the feed", "/feed/", photo_over_list),
        Overlay("photo over explore", "/explore/", photo_over_list),
        Overlay("menu over a list", "/explore/", menu_over_list),
        Overlay("comments", at, comments),
        Overlay("keys", "/feed/", keys),
        Overlay("toast with Undo", at, toast),
        Overlay("crop", "/upload/", crop_of(file)),
    ]


@pytest.mark.parametrize("width", [360, 1280])
def test_all_that_opens_is_accessible_light_and_dark(
    open_unwatched: Open, alice: User, overlays: list[Overlay], width: int
) -> None:
    # axe asks for style sheets and pictures that a page may not ask for.
    page = open_unwatched(alice, width=width)
    page.emulate_media(reduced_motion="reduce")
    with_pictures(page)
    found = []
    for overlay in overlays:
        page.goto(overlay.path)
        expect(overlay.open(page)).to_be_visible()
        found += [f"{overlay.name}: {fault}" for fault in complaints(page)]
    assert not found, f"{len(found)} at {width} px:\n" + "\n".join(found)
