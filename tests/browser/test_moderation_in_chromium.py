"""Reports, sensitive photos and the bin in a real browser, without scripts too."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from playwright.sync_api import Page, expect

from photos import hiding
from social.models import Report
from tests.factories import make_user, picture, published

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]


@pytest.mark.parametrize("script", [True, False])
def test_a_sensitive_photo_is_blurred_until_tapped(open_as: Open, script: bool) -> None:
    photo = published(author=make_user("alice"), image=BytesIO(picture()))
    hiding.mark_sensitive(photo=photo, sensitive=True)
    page = open_as(make_user("bob"), width=390, script=script)
    page.goto(f"/p/{photo.code}/")
    shown = page.locator(".stage img")
    expect(shown).to_have_css("filter", "blur(28px)")
    page.get_by_text("Sensitive: tap to view").click()
    expect(shown).to_have_css("filter", "none")


def test_a_report_takes_a_choice_and_a_button_without_scripts(open_as: Open) -> None:
    photo = published(author=make_user("alice"), image=BytesIO(picture()))
    page = open_as(make_user("bob"), width=390, script=False)
    page.goto(f"/p/{photo.code}/")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("link", name="Report").click()
    page.get_by_label("Spam or advertising").check()
    page.get_by_role("button", name="Send report").click()
    expect(page.get_by_role("status")).to_contain_text("The moderators will take a look")
    assert Report.objects.get().reason == "spam"


@pytest.mark.parametrize("script", [True, False])
def test_a_deleted_photo_is_brought_back(open_as: Open, script: bool) -> None:
    alice = make_user("alice")
    photo = published(author=alice, image=BytesIO(picture()), caption="At the sea")
    page = open_as(alice, width=390, script=script)
    page.goto(f"/p/{photo.code}/")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("link", name="Delete").click()
    if script:
        expect(page.get_by_text("Photo deleted")).to_be_visible()
    else:
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_role("status")).to_contain_text("The photo has been deleted.")
    page.goto("/settings/")
    page.get_by_text("All settings").click()
    page.get_by_role("link", name="Recently deleted").click()
    expect(page.get_by_text("At the sea")).to_be_visible()
    shown = page.locator("article img")
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    page.get_by_role("button", name="Restore").click()
    back = "The photo is back" if script else "The photo has been restored."
    expect(page.get_by_role("status")).to_contain_text(back)
    if script:
        with page.expect_response("**/restore/"):
            page.locator("#toasts").get_by_role("button", name="Close").click()
        page.goto(f"/p/{photo.code}/")
    expect(page.get_by_text("At the sea")).to_be_visible()
