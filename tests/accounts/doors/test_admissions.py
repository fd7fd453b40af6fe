"""Who is not in yet: one answer for each state at every door, and the queue of those who ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import services
from accounts.doors import admissions, confirmations
from accounts.models import Admission, Attempts, EmailConfirmation, User, UserStats
from minigram_site.fields.snowflake import id_at
from social.upkeep import delete_expired
from tests.accounts.doors.scene import link_in_mail, make_admin, make_waiting, site_with
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], APIClient]
BrowserAs = Callable[[User | None], Client]
TOKEN, RESET = "/api/v1/auth/token/", "/password-reset/"
SIGNED = {"username": "dora", "password": PASSWORD}


def make(state: str) -> User:
    """Insert dora, who stands there."""
    if state == "suspended":
        user = make_user("dora", password=PASSWORD)
        services.suspend(user=user)
        return user
    settings = {"sign_up": "approval", "email_check": "none"}
    if state == "unconfirmed":
        settings = {"sign_up": "open", "email_check": "required"}
    user = make_waiting(**settings)
    if state == "refused":
        admissions.refuse(admission=user.admission, by=make_admin(), reason="Who are you?")
    mail.outbox.clear()
    return user


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        ("unconfirmed", 403, "email_unconfirmed"),
        ("waiting", 403, "approval_pending"),
        ("refused", 403, "sign_up_refused"),
    ],
)
def test_whoever_knows_the_password_is_told_where_they_stand(
    api_as: As, state: str, status: int, code: str
) -> None:
    make(state)
    answer = api_as(None).post(TOKEN, SIGNED)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    client = Client()
    page = client.post("/login/", SIGNED)
    assert (page.status_code, page["Location"]) == (302, "/signup/waiting/")
    words = {
        "unconfirmed": "Check your e-mail",
        "waiting": "Your sign-up is waiting",
        "refused": "Who are you?",
    }
    assert words[state] in client.get("/signup/waiting/").text
    assert client.get("/feed/").status_code == 302


@pytest.mark.parametrize("state", ["unconfirmed", "waiting", "refused", "suspended"])
def test_nobody_else_is_told_anything(api_as: As, state: str) -> None:
    make(state)
    wrong = {**SIGNED, "password": "wrong-horse-7"}
    unknown = {"username": "nobody.here", "password": "wrong-horse-7"}
    answers = [api_as(None).post(TOKEN, body) for body in (wrong, unknown)]
    assert answers[0].json() == answers[1].json()
    assert {answer.status_code for answer in answers} == {401}
    pages = [Client().post("/login/", body) for body in (wrong, unknown)]
    assert {page.status_code for page in pages} == {422}
    assert api_as(None).get("/api/v1/users/dora/").status_code == 401
    stranger = make_user("erin")
    assert api_as(stranger).get("/api/v1/users/dora/").status_code == 404
    assert Client().get("/@dora/").status_code == 404
    assert Client().get("/signup/waiting/")["Location"] == "/login/"


@pytest.mark.parametrize("state", ["unconfirmed", "waiting", "refused", "suspended"])
def test_the_right_password_is_no_guess_that_failed(api_as: As, state: str) -> None:
    make(state)
    for _ in range(12):
        api_as(None).post(TOKEN, SIGNED)
        Client().post("/login/", SIGNED)
    assert api_as(None).post(TOKEN, SIGNED).status_code != 429
    assert not Attempts.objects.filter(tried__gt=12).exists()


@pytest.mark.parametrize("state", ["unconfirmed", "waiting", "refused", "suspended"])
def test_no_link_to_a_new_password_is_sent_and_the_page_does_not_tell(state: str) -> None:
    make(state)
    answer = Client().post(RESET, {"email": "dora@example.org"})
    assert (answer.status_code, answer["Location"]) == (302, RESET + "sent/")
    assert mail.outbox == []


@pytest.mark.parametrize("state", ["unconfirmed", "waiting", "refused"])
def test_no_token_and_no_session_works(api_as: As, browser_as: BrowserAs, state: str) -> None:
    user = make(state)
    assert api_as(user).get("/api/v1/me/").status_code == 401
    assert browser_as(user).get("/feed/").status_code == 302


def test_the_admin_lets_in_and_they_are_told(browser_as: BrowserAs, api_as: As) -> None:
    user = make("waiting")
    admin = browser_as(make_admin())
    queue = admin.get("/admin/accounts/admission/")
    assert "@dora" in queue.text
    act = {"action": "approve", "_selected_action": [user.pk]}
    assert "Approved: 1." in admin.post("/admin/accounts/admission/", act, follow=True).text
    assert api_as(None).post(TOKEN, SIGNED).status_code == 200
    assert [mail.outbox[0].to, "you’re in" in mail.outbox[0].body] == [["dora@example.org"], True]
    assert "@dora" not in admin.get("/admin/accounts/admission/").text
    again = admin.post("/admin/accounts/admission/?state=all", act, follow=True)
    assert "has already been decided" in again.text
    assert len(mail.outbox) == 1


def test_the_admin_refuses_with_a_reason(browser_as: BrowserAs) -> None:
    user = make("waiting")
    admin = browser_as(make_admin())
    page = f"/admin/accounts/admission/{user.pk}/change/"
    assert admin.post(page, {"reason": "Not this time."}).status_code == 302
    act = {"action": "refuse", "_selected_action": [user.pk]}
    admin.post("/admin/accounts/admission/", act)
    assert Admission.objects.get().state == "refused"
    assert "Not this time." in mail.outbox[0].body
    user.refresh_from_db()
    assert not user.is_active


def test_the_admin_restores_nobody_who_has_not_come_in(browser_as: BrowserAs) -> None:
    user = make("waiting")
    admin = browser_as(make_admin())
    act = {"action": "restore", "_selected_action": [user.pk]}
    answer = admin.post("/admin/accounts/user/", act, follow=True)
    assert "has not come in yet" in answer.text
    user.refresh_from_db()
    assert not user.is_active


@pytest.mark.parametrize("state", ["unconfirmed", "waiting", "refused"])
def test_the_end_of_a_suspension_lets_nobody_in(state: str) -> None:
    user = make(state)
    services.suspend(user=user)
    services.restore(user=user)
    user.refresh_from_db()
    assert not user.is_active
    assert admissions.admission_of(user)


def test_approval_comes_after_the_address_is_confirmed(browser_as: BrowserAs) -> None:
    user = make_waiting(sign_up="approval", email_check="required")
    admin = browser_as(make_admin())
    assert "@dora" not in admin.get("/admin/accounts/admission/").text
    with pytest.raises(admissions.CannotDecide):
        admissions.approve(admission=user.admission, by=make_admin("chief"))
    client = Client()
    client.post("/login/", SIGNED)
    assert client.post(link_in_mail())["Location"] == "/signup/waiting/"
    assert "Your sign-up is waiting" in client.get("/signup/waiting/").text
    assert "@dora" in admin.get("/admin/accounts/admission/").text


@pytest.mark.parametrize(("state", "days"), [("unconfirmed", 8), ("refused", 31)])
def test_who_does_not_come_in_is_deleted_and_the_name_is_free(state: str, days: int) -> None:
    user = make(state)
    assert delete_expired()["sign-ups that were not confirmed or refused"] == 0
    past = timezone.now() - timedelta(days=days)
    Admission.objects.update(decided_at=past if state == "refused" else None)
    if state == "unconfirmed":
        renumber(user, id_at(past))
    make_user("erin")
    assert delete_expired()["sign-ups that were not confirmed or refused"] == 1
    assert not User.objects.filter(username="dora").exists()


def renumber(user: User, identifier: int) -> None:
    """Give a person another id, as if they had signed up at another time."""
    Admission.objects.filter(user=user).delete()
    EmailConfirmation.objects.filter(user=user).delete()
    UserStats.objects.filter(user=user).delete()
    User.objects.filter(pk=user.pk).update(id=identifier)
    older = User.objects.get(pk=identifier)
    UserStats.objects.create(user=older)
    Admission.objects.create(user=older, state="unconfirmed")


def test_waiting_people_are_kept(api_as: As) -> None:
    make("waiting")
    assert delete_expired()["sign-ups that were not confirmed or refused"] == 0
    assert User.objects.filter(username="dora").exists()


def test_somebody_who_is_in_needs_no_second_statement(
    django_assert_num_queries: Any, alice: User
) -> None:
    with django_assert_num_queries(0):
        assert admissions.admission_of(alice) is None


def test_a_suspended_person_cannot_confirm(api_as: As) -> None:
    site_with(email_check="optional")
    user = make_user("dora", password=PASSWORD)
    confirmations.request_link(user=user, email=user.email)
    services.suspend(user=user)
    assert Client().post(link_in_mail()).status_code == 410


@pytest.mark.parametrize(("page", "status"), [("change", 302), ("delete", 403), ("history", 302)])
def test_an_id_that_no_database_can_hold_is_nobody(
    browser_as: BrowserAs, page: str, status: int
) -> None:
    browser = browser_as(make_admin())
    answer = browser.get(f"/admin/accounts/admission/99999999999999999999/{page}/")
    assert answer.status_code == status


def test_an_empty_name_of_a_column_is_none(browser_as: BrowserAs) -> None:
    user = make_waiting(email_check="required")
    browser = browser_as(make_admin())
    page = f"/admin/accounts/admission/{user.pk}"
    assert browser.get(f"{page}/change/?_to_field=").status_code == 200
    assert browser.post(f"{page}/delete/?_to_field=").status_code == 403
