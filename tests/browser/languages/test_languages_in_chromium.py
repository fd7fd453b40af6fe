"""Pages in other languages: nothing is cut off or runs out of the window, in either direction."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts import services
from accounts.models import User
from tests.browser.conftest import Open

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
