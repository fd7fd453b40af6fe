"""Making, listing and withdrawing invitations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.doors import invitations
from accounts.models import Invitation, User
from tests.accounts.doors.scene import make_invitation, site_with

pytestmark = pytest.mark.django_db
As = Callable[[User | None], APIClient]
BrowserAs = Callable[[User | None], Client]
MINE = "/api/v1/me/invitations/"


@pytest.mark.parametrize("allowed", [True, False])
def test_members_invite_if_the_admin_lets_them(
    api_as: As, browser_as: BrowserAs, bob: User, allowed: bool
) -> None:
    site_with(sign_up="invitation", members_may_invite=allowed)
    assert api_as(bob).post(MINE, {}).status_code == (201 if allowed else 403)
    form = {"max_uses": 2, "days": 3, "note": "Grandma"}
    assert browser_as(bob).post("/settings/invitations/", form).status_code == (
        302 if allowed else 403
    )
    assert Invitation.objects.filter(inviter=bob).count() == (2 if allowed else 0)
    assert ("Create link" in browser_as(bob).get("/settings/invitations/").text) == allowed


def test_an_invitation_over_the_api_has_its_link(api_as: As, bob: User) -> None:
    site_with(members_may_invite=True)
    made = api_as(bob).post(MINE, {"max_uses": 3, "days": 2, "note": "Class"}).json()
    assert made["url"] == f"http://testserver/invite/{made['code']}/"
    assert (made["max_uses"], made["uses"], made["note"]) == (3, 0, "Class")
    listed = api_as(bob).get(MINE).json()["results"]
    assert [row["id"] for row in listed] == [made["id"]]
    assert Client().get(f"/invite/{made['code']}/").status_code == 200


@pytest.mark.parametrize(
    "fault", [{"max_uses": 0}, {"max_uses": 11}, {"days": 31}, {"note": "x" * 61}]
)
def test_what_is_too_much_is_refused(
    api_as: As, browser_as: BrowserAs, bob: User, fault: dict[str, Any]
) -> None:
    site_with(members_may_invite=True)
    answer = api_as(bob).post(MINE, fault)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, list(fault))
    form = {"max_uses": 1, "days": 1, **fault}
    assert browser_as(bob).post("/settings/invitations/", form).status_code == 422


def test_a_withdrawn_invitation_lets_nobody_in(api_as: As, alice: User, bob: User) -> None:
    invitation = make_invitation(alice)
    assert api_as(bob).delete(f"{MINE}{invitation.pk}/").status_code == 404
    assert Client().get(f"/invite/{invitation.code}/").status_code == 200
    for _ in range(2):
        assert api_as(alice).delete(f"{MINE}{invitation.pk}/").status_code == 204
    assert Client().get(f"/invite/{invitation.code}/").status_code == 410


def test_a_page_withdraws_only_ones_own(browser_as: BrowserAs, alice: User, bob: User) -> None:
    invitation = make_invitation(alice)
    address = f"/settings/invitations/{invitation.pk}/withdraw/"
    assert browser_as(bob).post(address).status_code == 404
    assert browser_as(alice).get(address).status_code == 405
    assert browser_as(alice).post(address).status_code == 302
    assert Invitation.objects.get().is_revoked


def test_nobody_has_more_open_ones_than_the_limit(
    monkeypatch: pytest.MonkeyPatch, alice: User
) -> None:
    monkeypatch.setattr(invitations, "MAX_OPEN", 2)
    first = make_invitation(alice)
    make_invitation(alice)
    with pytest.raises(ValidationError, match="Withdraw one"):
        make_invitation(alice)
    invitations.revoke(user=alice, invitation_id=first.pk)
    make_invitation(alice)


def test_a_member_with_a_link_is_led_home(browser_as: BrowserAs, alice: User, bob: User) -> None:
    invitation = make_invitation(alice)
    answer = browser_as(bob).get(f"/invite/{invitation.code}/")
    assert answer["Location"] == "/feed/"
    assert Invitation.objects.get().uses == 0


@pytest.mark.parametrize("rows", [1, 12])
def test_the_list_costs_one_query_however_long(
    django_assert_num_queries: DjangoAssertNumQueries, alice: User, rows: int
) -> None:
    for _ in range(rows):
        make_invitation(alice)
    with django_assert_num_queries(1):
        page = invitations.made_by(alice, None, 10)
    assert len(page.items) == min(rows, 10)


def test_the_list_says_which_links_still_work(browser_as: BrowserAs, alice: User) -> None:
    browser, soon = browser_as(alice), timezone.now() + timedelta(days=1)
    valid = Invitation(inviter=alice, code="valid", expires_at=soon)
    spent = Invitation(inviter=alice, code="spent", expires_at=soon, uses=1)
    ended = Invitation(inviter=alice, code="ended", expires_at=timezone.now())
    for invitation, words in ((spent, "used up"), (ended, "expired on"), (valid, "valid until")):
        Invitation.objects.all().delete()
        invitation.save()
        page = browser.get("/settings/invitations/").content.decode()
        assert words in page
        assert ("Withdraw" in page) is (invitation is valid)
