"""On a site for members only a link asks for a log-in, and whoever makes one is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from tests.accounts.doors.scene import site_with
from tests.factories import make_photo

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]


@pytest.mark.parametrize("closed", [True, False])
def test_whoever_makes_a_link_is_told_who_can_open_it(
    browser_as: As, api_as: As, carol: User, closed: bool
) -> None:
    site_with(members_only=closed)
    photo, client = make_photo(carol), browser_as(carol)
    form = client.get(f"/p/{photo.code}/share/").text
    made = client.post(f"/p/{photo.code}/share/", {"days": "7", "password": ""}).text
    listed = client.get("/settings/links/").text
    assert ("whoever opens the link has to log in first" in form) is closed
    for page in (made, listed):
        assert ("once they have logged in" in page) is closed
        assert ("even without an account" in page) is not closed
    link = api_as(carol).post(f"/api/v1/photos/{photo.pk}/links/", {}).json()
    assert link["needs_log_in"] is closed


def test_a_link_is_no_way_in_and_opens_for_any_member(
    browser_as: As, api_as: As, bob: User, carol: User
) -> None:
    site_with(members_only=True)
    photo = make_photo(carol, "For friends")
    token = api_as(carol).post(f"/api/v1/photos/{photo.pk}/links/", {}).json()["token"]
    page, call = f"/s/{token}/", f"/api/v1/shared/{token}/"
    assert browser_as(None).get(page).headers["Location"].startswith("/login/?next=/s/")
    assert api_as(None).get(call).status_code == 401
    # Whom carol has not accepted sees it through the link, and only there.
    assert browser_as(bob).get(f"/p/{photo.code}/").status_code == 404
    assert "For friends" in browser_as(bob).get(page).text
    assert api_as(bob).get(call).json()["photo_count"] == 1
