"""Talking in a real browser: replies in place, and names while they are typed, by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from photos.models import Comment, Photo
from photos.services import comment
from tests.browser.conftest import Open
from tests.browser.test_pages_in_chromium import with_pictures
from tests.factories import make_photo, make_user

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]


def opened(open_as: Open, user: User, photo: Photo, *, width: int = 390) -> Page:
    """Open the page of a photo as somebody."""
    page = open_as(user, width=width)
    with_pictures(page)
    page.goto(f"/p/{photo.code}/")
    page.get_by_role("button", name="Comments").click()
    return page


def test_a_reply_appears_below_its_comment_and_is_counted(
    open_as: Open, alice: User, bob: User
) -> None:
    photo = make_photo(alice)
    comment(author=bob, photo_id=photo.pk, text="Nice")
    page = opened(open_as, alice, photo)
    page.get_by_role("link", name="Reply").click()
    field = page.get_by_label("Reply to bob")
    expect(field).to_be_focused()
    field.fill("Thanks")
    page.locator(".comment-list").get_by_role("button", name="Send").click()
    expect(page.get_by_role("list", name="Replies")).to_contain_text("Thanks")
    expect(page.get_by_role("heading", name="2 comments")).to_be_visible()
    expect(field).to_have_count(0)
    page.get_by_role("button", name="Like").last.click()
    expect(page.get_by_role("button", name=re.compile(r"^Like\W+1$"))).to_have_attribute(
        "aria-pressed", "true"
    )


def test_a_name_is_chosen_by_keyboard(open_as: Open, alice: User, bob: User) -> None:
    photo = make_photo(alice)
    for name in ("leo", "lena"):  # the latest comes first
        make_user(name)
    page = opened(open_as, bob, photo)
    field = page.get_by_label("Comment", exact=True)
    field.press_sequentially("With @le")
    people = page.get_by_role("listbox", name="People")
    expect(people.get_by_role("option")).to_have_count(2)
    expect(field).to_have_attribute("aria-activedescendant", "mention-0")
    field.press("ArrowDown")
    expect(people.get_by_role("option", name="@leo")).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(field).to_have_value("With @leo ")
    expect(people).to_have_count(0)
    field.press_sequentially("and @le")
    expect(people.get_by_role("option")).to_have_count(2)
    field.press("Escape")
    expect(people).to_have_count(0)
    field.press_sequentially("na")
    people.get_by_role("option", name="@lena").click()
    expect(field).to_have_value("With @leo and @lena ")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("link", name="@lena")).to_be_visible()
    assert Comment.objects.get().text == "With @leo and @lena"


def test_tags_are_suggested_while_they_are_typed(open_as: Open, alice: User, bob: User) -> None:
    make_photo(alice, "At the #lake, not at the #lagoon")
    page = opened(open_as, bob, make_photo(alice))
    field = page.get_by_label("Comment", exact=True)
    field.press_sequentially("Like this #la")
    tags = page.get_by_role("listbox", name="Tags")
    expect(tags.get_by_role("option")).to_have_count(2)
    tags.get_by_role("option", name="#lake").click()
    expect(field).to_have_value("Like this #lake ")


def test_an_address_is_no_beginning_of_a_name(open_as: Open, alice: User, bob: User) -> None:
    page = opened(open_as, bob, make_photo(alice))
    field = page.get_by_label("Comment", exact=True)
    with page.expect_response("**/mentions/?q=ali") as answer:
        field.press_sequentially("@ali")
    assert answer.value.json() == {"people": [{"username": "alice", "name": "alice"}]}
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    field.fill("")
    field.press_sequentially("mail@ali")
    expect(page.get_by_role("listbox")).to_have_count(0)
    assert [url for url in asked if "mentions" in url] == []
