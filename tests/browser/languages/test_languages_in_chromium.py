"""Pages in other languages: nothing is cut off or runs out of the window, in either direction."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from accounts import services
from accounts.models import User
from photos.models import PhotoStats
from tests.browser.conftest import Open
from tests.browser.hands import hold
from tests.browser.test_pages_in_chromium import with_pictures
from tests.factories import make_photo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
PAGES = ["/feed/", "/explore/", "/settings/", "/settings/privacy/", "/language/", "/albums/new/"]


@pytest.mark.parametrize("language", ["ar", "de"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_scrolls_sideways(open_as: Open, alice: User, language: str, width: int) -> None:
    services.set_language(user=alice, language=language)
    page = open_as(alice, width=width)
    for address in PAGES:
        page.goto(address)
        root = page.locator("html")
        expect(root).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0, address


def test_scripts_speak_the_language_of_the_page(open_as: Open, alice: User) -> None:
    services.set_language(user=alice, language="de")
    page = open_as(alice)
    page.goto("/settings/")
    assert page.evaluate("gettext('Close')") == "Schließen"


@pytest.mark.parametrize(
    ("language", "before", "after"), [("de", "1.999", "2.000"), ("ar", "1,999", "2,000")]
)
def test_a_count_that_a_script_paints_is_written_as_the_page_writes_it(
    open_as: Open, alice: User, language: str, before: str, after: str
) -> None:
    services.set_language(user=alice, language=language)
    photo = make_photo(alice)
    PhotoStats.objects.filter(photo=photo).update(like_count=1999)
    page = open_as(alice)
    with_pictures(page)
    page.goto(photo.get_absolute_url())
    count = page.locator(f"[data-live='likes-{photo.code}']").first
    expect(count).to_have_text(before)
    hold(page, "**/like/")  # painted, and not answered meanwhile
    page.locator("form.like button").first.click()
    expect(count).to_have_text(after)
    expect(page.locator(".meta time")).to_have_text(re.compile("[0-9]"))
    expect(page.locator(".meta time")).not_to_have_text(re.compile("[٠-٩]"))
