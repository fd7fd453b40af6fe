"""Coming in by a link, by approval and by a confirmed address, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.doors import admissions, mails
from accounts.models import Admission, Invitation
from tests.accounts.doors.scene import link_in_mail, make_admin, make_invitation, site_with
from tests.factories import PASSWORD, make_user

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
Open = Callable[..., Page]


@pytest.fixture(autouse=True)
def mails_in_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send mails before the answer, where the test sees them."""
    monkeypatch.setattr(mails, "later", lambda task, argument: task.call(argument))


def fill_in(page: Page, name: str = "dora", email: str = "dora@example.org") -> None:
    """Type what every sign-up asks for."""
    page.get_by_label("Username").fill(name)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)


def assert_fits(page: Page) -> None:
    """Fail if a page is wider than its window."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("script", [True, False])
def test_a_link_of_a_friend_leads_in(open_as: Open, script: bool) -> None:
    site_with(sign_up="invitation", rules="# Be kind", imprint="Jane")
    invitation = make_invitation(make_user("alice"))
    page = open_as(width=390, script=script)
    page.goto(f"/invite/{invitation.code}/")
    expect(page.get_by_text("has invited you")).to_be_visible()
    expect(page.get_by_role("contentinfo").get_by_role("link", name="Rules")).to_be_visible()
    fill_in(page)
    page.get_by_label("Password").fill("12345678")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_text("too common")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome, @dora")
    assert Invitation.objects.get().uses == 1


def test_who_asks_to_join_waits_and_comes_in(open_as: Open) -> None:
    site_with(sign_up="approval", question="Who do you know here?")
    page = open_as(width=390)
    page.goto("/signup/")
    fill_in(page)
    page.get_by_label("Who do you know here?").fill("alice")
    page.get_by_role("button", name="Ask to join").click()
    expect(page.get_by_role("heading", name="Your sign-up is waiting")).to_be_visible()
    assert_fits(page)
    admissions.approve(admission=Admission.objects.get(), by=make_admin())
    page.reload()
    page.get_by_role("main").get_by_role("link", name="Log in").click()
    page.get_by_label("Username or e-mail").fill("dora")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url("/feed/")


def test_a_mistyped_address_is_corrected_on_the_way_in(open_as: Open) -> None:
    site_with(email_check="required")
    page = open_as(width=390)
    page.goto("/signup/")
    fill_in(page, email="dora@exampel.org")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_text("dora@exampel.org")).to_be_visible()
    page.get_by_label("E-mail address").fill("dora@example.org")
    page.get_by_role("button", name="Send the link here").click()
    expect(page.get_by_role("status")).to_contain_text("We’ve sent a new link to dora@example.org.")
    assert_fits(page)
    page.goto(link_in_mail())
    page.get_by_role("button", name="Yes, confirm it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome, @dora")


def test_a_member_makes_a_link_and_withdraws_it(open_as: Open) -> None:
    site_with(members_may_invite=True)
    page = open_as(make_user("alice"), width=390)
    page.goto("/settings/invitations/")
    page.get_by_label("Who it’s for").fill("Grandma")
    page.get_by_role("button", name="Create link").click()
    expect(page.get_by_text("Grandma")).to_be_visible()
    assert_fits(page)
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("status")).to_contain_text("withdrawn")
