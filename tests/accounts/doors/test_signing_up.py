"""Signing up by each of the doors, over pages and API alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from rest_framework.test import APIClient

from accounts import services
from accounts.doors.signing_up import sign_up
from accounts.models import Admission, Invitation, User
from social import profiles
from tests.accounts.doors.scene import NEW, make_invitation, site_with
from tests.factories import make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], APIClient]
REGISTER = "/api/v1/auth/register/"


def spent() -> list[int]:
    """Return how often each invitation was used."""
    return list(Invitation.objects.values_list("uses", flat=True))


@pytest.mark.parametrize(
    ("door", "status", "code"),
    [
        ("open", 201, None),
        ("approval", 202, "approval_pending"),
        ("invitation", 403, "invitation_required"),
        ("closed", 403, "registration_closed"),
    ],
)
def test_the_door_that_the_admin_has_opened_is_the_one(
    api_as: As, door: str, status: int, code: str | None
) -> None:
    site_with(sign_up=door)
    answer = api_as(None).post(REGISTER, NEW)
    assert (answer.status_code, answer.json().get("code")) == (status, code)
    page = Client().get("/signup/")
    assert page.status_code == (403 if status == 403 else 200)
    assert ('href="/signup/"' in Client().get("/").text) == (status != 403)
    instance = api_as(None).get("/api/v1/instance/").json()
    assert (instance["sign_up"], instance["registration_open"]) == (door, status != 403)


def test_the_saved_settings_rule_over_the_variable(settings: Any, client: Client) -> None:
    settings.REGISTRATION_OPEN = False
    assert client.get("/signup/").status_code == 403
    site_with(sign_up="open")
    assert client.get("/signup/").status_code == 200


def test_a_link_shows_who_invites_and_spends_nothing(client: Client, alice: User) -> None:
    site_with(sign_up="invitation")
    invitation = make_invitation(alice)
    for ask in (client.get, client.head):
        page = ask(f"/invite/{invitation.code}/")
        assert page.status_code == 200
    html = client.get(f"/invite/{invitation.code}/").text
    assert "@alice" in html
    assert f'name="invitation" value="{invitation.code}"' in html
    assert spent() == [0]


def test_an_invitation_lets_in_and_says_by_whom(client: Client, alice: User) -> None:
    site_with(sign_up="invitation")
    invitation = make_invitation(alice)
    answer = client.post("/signup/", {**NEW, "invitation": invitation.code})
    assert (answer.status_code, answer["Location"]) == (302, "/welcome/")
    admission = Admission.objects.get(user__username="dora")
    assert (admission.inviter, admission.invitation, admission.state) == (
        alice,
        invitation,
        "admitted",
    )
    assert spent() == [1]


@pytest.mark.parametrize(
    "fault", [{"username": "alice"}, {"email": "alice@example.org"}, {"password": "12345678"}]
)
@pytest.mark.parametrize("by_api", [True, False])
def test_a_form_that_is_refused_spends_nothing(
    api_as: As, alice: User, fault: dict[str, str], by_api: bool
) -> None:
    site_with(sign_up="invitation")
    form = {**NEW, "invitation": make_invitation(alice).code, **fault}
    answer = api_as(None).post(REGISTER, form) if by_api else Client().post("/signup/", form)
    assert answer.status_code == (400 if by_api else 422)
    assert spent() == [0]


def test_a_name_that_is_taken_between_check_and_insert_spends_nothing(alice: User) -> None:
    site_with(sign_up="invitation")
    invitation = make_invitation(alice)
    with pytest.raises(ValidationError, match="taken"):
        sign_up(
            username="alice",
            email=NEW["email"],
            password=NEW["password"],
            invitation=invitation.code,
        )
    assert spent() == [0]


def test_deleting_the_account_gives_no_use_back(api_as: As, alice: User) -> None:
    site_with(sign_up="invitation")
    invitation = make_invitation(alice)
    body = {**NEW, "invitation": invitation.code}
    made = api_as(None).post(REGISTER, body).json()
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {made['access']}")
    assert client.delete("/api/v1/me/", {"password": NEW["password"]}).status_code == 204
    profiles.delete_account(user=User.objects.get(username=NEW["username"]))
    again = api_as(None).post(REGISTER, body)
    assert (again.status_code, list(again.json()["errors"])) == (400, ["invitation"])
    assert spent() == [1]


@pytest.mark.parametrize("how", ["used", "expired", "withdrawn", "suspended", "unknown"])
@pytest.mark.parametrize("door", ["invitation", "open", "approval"])
def test_no_code_is_better_than_what_it_stands_for(
    api_as: As, alice: User, how: str, door: str
) -> None:
    site_with(sign_up=door, invited_skip_approval=True)
    invitation = make_invitation(alice)
    if how == "suspended":
        services.suspend(user=alice)
        services.restore(user=alice)
    elif how != "unknown":
        changes: dict[str, dict[str, Any]] = {
            "used": {"uses": 1},
            "expired": {"expires_at": "2020-01-01T00:00Z"},
            "withdrawn": {"is_revoked": True},
        }
        Invitation.objects.update(**changes[how])
    code = "x" * 16 if how == "unknown" else invitation.code
    answer = api_as(None).post(REGISTER, {**NEW, "invitation": code})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["invitation"])
    assert answer.json()["errors"]["invitation"][0]["code"] == "spent_invitation"
    page = Client().post("/signup/", {**NEW, "invitation": code})
    assert page.status_code == 422
    assert "no longer valid" in page.text
    assert Client().get(f"/invite/{code}/").status_code == 410
    assert not User.objects.filter(username="dora").exists()


def test_a_closed_site_is_closed_to_invited_people(api_as: As, alice: User) -> None:
    invitation = make_invitation(alice)
    site_with(sign_up="closed")
    answer = api_as(None).post(REGISTER, {**NEW, "invitation": invitation.code})
    assert answer.json()["code"] == "registration_closed"
    assert Client().get(f"/invite/{invitation.code}/").status_code == 403


@pytest.mark.parametrize(("skips", "status"), [(True, 201), (False, 202)])
def test_approval_is_spared_if_the_admin_says_so(
    api_as: As, alice: User, skips: bool, status: int
) -> None:
    site_with(sign_up="approval", invited_skip_approval=skips)
    body = {**NEW, "invitation": make_invitation(alice).code}
    assert api_as(None).post(REGISTER, body).status_code == status


def test_an_invitation_spares_no_confirmation(api_as: As, alice: User) -> None:
    site_with(sign_up="approval", invited_skip_approval=True, email_check="required")
    answer = api_as(None).post(REGISTER, {**NEW, "invitation": make_invitation(alice).code})
    assert (answer.status_code, answer.json()["code"]) == (202, "email_unconfirmed")


def test_the_question_is_asked_and_has_to_be_answered(api_as: As, client: Client) -> None:
    site_with(sign_up="approval", question="Who do you know here?")
    assert "Who do you know here?" in client.get("/signup/").text
    refused = client.post("/signup/", NEW)
    assert refused.status_code == 422
    missing = api_as(None).post(REGISTER, NEW)
    assert (missing.status_code, list(missing.json()["errors"])) == (400, ["answer"])
    answer = client.post("/signup/", {**NEW, "answer": "alice\nand bob"})
    assert answer["Location"] == "/signup/waiting/"
    assert Admission.objects.get().answer == "alice\nand bob"
    assert "Your sign-up is waiting" in client.get("/signup/waiting/").text


@pytest.mark.parametrize("name", ["admin", "ad.min", "_Admin_", "explore", "settings", "boss"])
def test_reserved_names_are_refused_with_a_sentence(api_as: As, name: str) -> None:
    site_with(reserved_names="Boss\n\nchief.of")
    answer = api_as(None).post(REGISTER, {**NEW, "username": name})
    assert answer.json()["errors"]["username"] == [
        {"code": "reserved_name", "detail": "This username is reserved. Please choose another."}
    ]
    page = Client().post("/signup/", {**NEW, "username": name})
    assert (page.status_code, "This username is reserved" in page.text) == (422, True)


@pytest.mark.slow
def test_a_class_of_thirty_signs_up_in_one_room(api_as: As) -> None:
    for number in range(30):
        name = f"pupil{number}"
        refused = api_as(None).post(REGISTER, {**NEW, "username": name, "password": "12345678"})
        assert refused.status_code == 400
        body = {**NEW, "username": name, "email": f"{name}@school.example"}
        assert api_as(None).post(REGISTER, body).status_code == 201


def test_the_limit_of_an_address_is_the_admins_to_set(api_as: As) -> None:
    site_with(sign_ups_an_hour=2)
    statuses = []
    for number in range(3):
        body = {**NEW, "username": f"pupil{number}", "email": f"p{number}@school.example"}
        statuses.append(api_as(None).post(REGISTER, body).status_code)
    assert statuses == [201, 201, 429]
    elsewhere = APIClient(REMOTE_ADDR="203.0.113.7")
    assert elsewhere.post(REGISTER, NEW).status_code == 201


def test_signing_up_in_an_open_site_writes_no_admission(api_as: As) -> None:
    make_user("erin")
    api_as(None).post(REGISTER, NEW)
    assert not Admission.objects.exists()
