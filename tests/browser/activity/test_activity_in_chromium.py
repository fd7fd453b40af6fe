"""What happened, in a real browser: read on one device, it is read on the other."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from photos.services import comment, like
from social import follows
from social.notifications.models import Inbox
from tests.browser.test_pages_in_chromium import with_pictures
from tests.factories import make_photo, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]


@pytest.mark.parametrize("width", [390, 1280])
def test_opening_the_list_clears_the_badge_and_what_comes_later_lights_it_again(
    open_as: Open, alice: User, bob: User, width: int
) -> None:
    photo = make_photo(alice)
    like(user=bob, photo_id=photo.pk)
    page, other = open_as(alice, width=width), open_as(alice, width=390)
    with_pictures(page)
    with_pictures(other)
    badge = page.locator(".nav .dot")
    tab = page.context.new_page()
    with_pictures(tab)
    tab.goto("/explore/")
    page.goto("/explore/")
    expect(badge).to_contain_text("1")
    page.get_by_role("link", name="Activity").click()
    expect(page.locator(".news.unread")).to_have_count(1)
    expect(badge).to_be_empty()
    expect(tab.locator(".nav .dot")).to_be_empty()
    expect(page.get_by_role("link", name="Activity")).to_have_attribute("aria-current", "page")
    other.goto("/activity/")
    expect(other.locator(".news")).to_have_count(1)
    expect(other.locator(".unread")).to_have_count(0)
    comment(author=bob, photo_id=photo.pk, text="Nice.")
    other.reload()
    expect(other.locator(".news.unread")).to_contain_text("commented on your photo")


def test_without_scripts_a_button_marks_all_as_read(open_as: Open, alice: User, bob: User) -> None:
    like(user=bob, photo_id=make_photo(alice).pk)
    page = open_as(alice, script=False)
    with_pictures(page)
    page.goto("/activity/")
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.locator(".news")).to_have_count(1)
    expect(page.locator(".unread")).to_have_count(0)
    expect(page.locator(".dot")).to_be_empty()
    assert Inbox.objects.get().read_up_to > 0


@pytest.mark.parametrize("script", [True, False])
def test_a_request_is_accepted_in_the_list(open_as: Open, alice: User, script: bool) -> None:
    clara = make_user("clara", private=True)
    follows.follow(follower=alice, followee=clara)
    page = open_as(clara, script=script)
    page.goto("/activity/")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_contain_text("@alice now follows you.")
    expect(page.locator(".news")).to_have_count(0)
