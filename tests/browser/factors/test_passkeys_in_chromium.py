"""A passkey is added and logs in, in a real browser with an authenticator of its own."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.models import LogIn, Passkey
from tests.browser.conftest import Open
from tests.factories import PASSWORD, make_user

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_is_added_and_logs_in_without_a_password(
    open_as: Open, live_server: Any, settings: Any, faults: list[str]
) -> None:
    settings.SITE_URL = live_server.url
    dora = make_user("dora", password=PASSWORD)
    page = open_as(dora)
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    page.goto("/settings/security/passkeys/")
    page.get_by_label("Your password").fill("wrong")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert")).to_have_text("That isn’t your password.")
    page.get_by_label("Name").fill("Laptop")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator(".codes li")).to_have_count(10)
    # The device has one already.
    page.goto("/settings/security/passkeys/")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("already has a passkey")
    page.context.clear_cookies()
    page.goto("/login/?next=/settings/security/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("Laptop")).to_be_visible()
    assert Passkey.objects.get().used_at is not None
    assert [row.how for row in LogIn.objects.filter(user=dora)] == ["passkey"]
    faults[:] = [line for line in faults if "422" not in line]
