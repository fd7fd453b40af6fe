"""From sign-up to a feed with photos in it, in a real browser: helped, and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Follow, User
from tests.browser.conftest import Open
from tests.factories import PASSWORD, make_photo, make_user, picture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
KEPT = re.compile(r"\bkept\b")


def rule(page: Page, name: str) -> str:
    """Return the selector of a rule of the password."""
    return f"[data-rule={name}]"


def test_rules_tick_while_one_types(open_as: Open) -> None:
    page = open_as(width=360)
    page.goto("/signup/")
    length, digits, alike = (page.locator(rule(page, n)) for n in ("length", "digits", "likeness"))
    password = page.get_by_label("Password", exact=True)
    page.get_by_label("Username").fill("marina")
    password.press_sequentially("1234567")
    expect(length).not_to_have_class(KEPT)
    expect(digits).not_to_have_class(KEPT)
    password.press_sequentially("8a")
    expect(length).to_have_class(KEPT)
    expect(digits).to_have_class(KEPT)
    expect(alike).to_have_class(KEPT)
    password.fill("marina77")
    expect(alike).not_to_have_class(KEPT)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_taken_name_is_told_at_once_and_a_free_one_is_one_press_away(
    open_as: Open, alice: User
) -> None:
    page = open_as(width=360)
    page.goto("/signup/")
    page.get_by_label("Username").press_sequentially("alice")
    state = page.locator("#name-state")
    expect(state).to_have_text("@alice is taken.")
    offered = page.locator("button.free-name").first
    name = offered.inner_text()
    offered.click()
    expect(state).to_have_text(f"@{name} is free.")
    expect(page.get_by_label("Username")).to_have_value(name)
    expect(page.get_by_label("Username")).to_be_focused()


def test_a_refused_form_says_one_thing_a_field_which_goes_when_it_is_mended(
    open_as: Open, alice: User
) -> None:
    page = open_as()
    page.goto("/signup/")
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password", exact=True).fill("123")
    page.get_by_role("button", name="Sign up").click()
    expect(page.locator(".errors li")).to_have_text(
        ["This username is taken.", "Type your e-mail address.", "Use at least 8 characters."]
    )
    expect(page.locator("button.free-name")).to_have_count(3)
    page.get_by_label("Username").fill("dora")
    expect(page.get_by_text("This username is taken.")).to_have_count(0)


@pytest.mark.parametrize("path", ["/signup/", "/login/"])
def test_a_password_can_be_shown_and_is_hidden_again_when_it_is_sent(
    open_as: Open, path: str
) -> None:
    page = open_as(width=360)
    page.goto(path)
    field = page.get_by_label("Password", exact=True)
    field.fill("correct horse")
    button = page.get_by_role("button", name="Show password")
    button.click()
    expect(field).to_have_attribute("type", "text")
    expect(button).to_have_attribute("aria-pressed", "true")
    page.evaluate(
        "document.querySelector('main form').addEventListener('submit', e => e.preventDefault())"
    )
    field.press("Enter")
    expect(field).to_have_attribute("type", "password")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_from_sign_up_to_a_feed_with_photos(open_as: Open, script: bool, alice: User) -> None:
    for number in range(3):
        make_photo(alice, f"No. {number}")
    make_photo(make_user("bob"))
    page = open_as(width=360, script=script)
    page.route(
        "**/media/**",
        lambda route: route.fulfill(body=picture((600, 400)), content_type="image/jpeg"),
    )
    page.goto("/signup/")
    page.get_by_label("Username").fill("dora")
    page.get_by_label("E-mail address").fill("dora@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome, @dora")
    page.get_by_label("Name").fill("Dora Diaz")
    page.get_by_role("button", name="Continue").click()
    rows = page.locator(".introduced > li")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="@alice").locator("img:not(.avatar)")).to_have_count(3)
    # A press before the scripts are there is one without them.
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Follow alice").click()
    if script:
        expect(page.get_by_role("button", name=re.compile("unfollow alice"))).to_be_visible()
        expect(rows).to_have_count(2)
    else:
        expect(rows).to_have_count(1)
    page.get_by_role("link", name="Go to your home page").click()
    expect(page.get_by_text("No. 2")).to_be_visible()
    assert Follow.objects.count() == 1
    assert User.objects.get(username="dora").display_name == "Dora Diaz"


def test_both_steps_can_be_skipped(open_as: Open, bob: User) -> None:
    page = open_as(bob, width=360)
    page.goto("/welcome/")
    page.get_by_role("link", name="Skip", exact=True).click()
    expect(page).to_have_url(re.compile("/welcome/people/"))
    page.get_by_role("link", name="Go to your home page").click()
    expect(page).to_have_url(re.compile("/feed/"))


def test_a_portrait_is_chosen_by_a_button_of_the_site_and_shown_before_it_is_saved(
    open_as: Open, alice: User
) -> None:
    page = open_as(alice)
    page.goto("/settings/")
    save = page.get_by_role("button", name="Save picture")
    expect(save).to_be_hidden()
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="Choose picture").click()
    chosen.value.set_files({"name": "me.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    expect(page.locator("#portrait .avatar")).to_have_attribute("src", re.compile("^blob:"))
    save.click()
    expect(page.get_by_text("Your picture has been changed.")).to_be_visible()
