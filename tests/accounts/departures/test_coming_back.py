"""A log-in keeps an account that was to be deleted: every way in, and only all the way in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from django.contrib.messages import get_messages
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from rest_framework.test import APIClient

from accounts.departures.leaving import come_back, depart
from accounts.doors import invitations
from accounts.models import Departure, User
from social.moderation import deciding
from social.moderation.models import Verb
from social.upkeep import delete_expired
from tests.accounts.departures.conftest import days_left
from tests.accounts.doors.scene import make_invitation, site_with
from tests.accounts.factors.authenticator import Authenticator
from tests.factories import PASSWORD, make_user
from tests.openapi import DocumentedClient
from tests.social.moderation.scene import decided, make_moderator

pytestmark = pytest.mark.django_db
WORDS = {"username": "dora", "password": PASSWORD}
As = Callable[[User | None], Any]


def token(**more: str) -> Any:
    """Log in over the API."""
    return DocumentedClient().post("/api/v1/auth/token/", {**WORDS, **more})


def is_back(user: User) -> bool:
    """Tell whether somebody who left is there again."""
    user.refresh_from_db()
    return user.is_active and not Departure.objects.exists()


def told(response: Any) -> str:
    """Return the messages of a page that leads on."""
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def test_a_log_in_on_the_page_keeps_the_account_and_says_so(dora: User) -> None:
    depart(user=dora)
    client = Client()
    response = client.post("/login/", WORDS)
    assert "won’t be deleted" in told(response)
    assert is_back(dora)
    assert client.get("/settings/").status_code == 200


def test_a_log_in_over_the_api_keeps_it_and_says_so(dora: User) -> None:
    assert "deletion_cancelled" not in token().json()
    depart(user=dora)
    found = token().json()
    assert found["deletion_cancelled"] is True
    assert is_back(dora)
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {found['access']}")
    assert client.get("/api/v1/me/").status_code == 200
    assert "deletion_cancelled" not in token().json()


def test_the_password_alone_keeps_nothing_where_there_is_a_second_factor(
    app: pyotp.TOTP, clock: Any, dora: User
) -> None:
    depart(user=dora)
    client = Client()
    client.post("/login/", WORDS)
    assert token().json()["code"] == "otp_required"
    assert token(otp="000000").status_code == 401
    assert not is_back(dora)
    response = client.post("/login/second-step/", {"code": app.at(clock.now)})
    assert "won’t be deleted" in told(response)
    assert is_back(dora)
    clock.now += 60
    depart(user=dora)
    assert token(otp=app.at(clock.now)).json()["deletion_cancelled"] is True
    assert is_back(dora)


def test_a_passkey_keeps_it_too(key: Authenticator, dora: User) -> None:
    depart(user=dora)
    client = Client()
    asked = client.post("/login/passkey/question/").json()
    form = {"state": asked["state"], "answer": json.dumps(key.get(asked["options"]))}
    assert "won’t be deleted" in told(client.post("/login/passkey/", form))
    assert is_back(dora)
    depart(user=dora)
    app = DocumentedClient()
    asked = app.post("/api/v1/auth/passkey/question/").json()
    body = {"state": asked["state"], "answer": key.get(asked["options"])}
    answer = app.post("/api/v1/auth/passkey/", body, format="json")
    assert answer.json()["deletion_cancelled"] is True
    assert is_back(dora)


def test_who_has_forgotten_the_password_gets_another_and_then_comes_back(
    dora: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        depart(user=dora)
    client = APIClient()
    client.post("/api/v1/auth/password-reset/", {"email": dora.email})
    (link,) = (line for line in mail.outbox[-1].body.splitlines() if "/password-reset/" in line)
    uid, given = link.rstrip("/").split("/")[-2:]
    new = "battery-staple-8"
    body = {"uid": uid, "token": given, "new_password": new}
    assert client.post("/api/v1/auth/password-reset/confirm/", body).status_code == 204
    assert not is_back(dora)
    assert token(password=new).status_code == 200
    assert is_back(dora)


def test_a_wrong_password_keeps_nothing_and_learns_nothing(dora: User, alice: User) -> None:
    depart(user=dora)
    wrong = [
        APIClient().post("/api/v1/auth/token/", {"username": name, "password": "wrong"}).json()
        for name in ("dora", "alice", "nobody")
    ]
    assert wrong[0] == wrong[1] == wrong[2]
    assert not is_back(dora)


def test_a_suspension_outlasts_leaving_and_puts_the_deletion_off(
    dora: User, days_pass: Callable[[int], None], django_capture_on_commit_callbacks: Any
) -> None:
    depart(user=dora)
    decision = decided(dora, Verb.SUSPEND, make_moderator())
    days_pass(60)
    refused = token()
    assert (refused.status_code, refused.json()["code"]) == (403, "suspended")
    assert Client().post("/login/", WORDS).status_code == 403
    assert not come_back(user=dora)
    assert delete_expired()["accounts whose owners have left"] == 0
    with django_capture_on_commit_callbacks(execute=True):
        deciding.undo(decision=decision, moderator=None)
    dora.refresh_from_db()
    # Not shown again by the end of the suspension; the days begin anew, and a mail says so.
    assert (dora.is_active, days_left(dora)) == (False, 30)
    assert "dora@example.org" in [to for message in mail.outbox for to in message.to]
    assert token().json()["deletion_cancelled"] is True
    assert is_back(dora)


def test_invitations_outlast_leaving_and_no_suspension(api_as: As, dora: User) -> None:
    site_with(sign_up="invitation", members_may_invite=True)
    invitation = make_invitation(dora)
    depart(user=dora)
    assert invitations.usable(invitation.code) is None
    with pytest.raises(ValidationError):
        invitations.spend(invitation.code)
    come_back(user=dora)
    assert invitations.spend(invitation.code) == invitation


def test_admins_see_who_leaves_and_can_suspend_but_not_bring_back(browser_as: As) -> None:
    root = make_user("root")
    root.is_staff = root.is_superuser = True
    root.save()
    dora = make_user("dora", password=PASSWORD)
    client = browser_as(root)
    page = f"/admin/accounts/user/{dora.pk}/change/"
    assert "not asked for" in client.get(page).text
    depart(user=dora)
    assert "unless they log in before" in client.get(page).text
    chosen = {"_selected_action": [dora.pk]}
    people = "/admin/accounts/user/"
    answer = client.post(people, {"action": "restore", **chosen}, follow=True)
    assert "only they come back" in answer.text
    client.post(people, {"action": "suspend", **chosen})
    assert "waits for the end of the suspension" in client.get(page).text
    assert token().status_code == 403
    client.post(people, {"action": "restore", **chosen})
    assert "unless they log in before" in client.get(page).text
