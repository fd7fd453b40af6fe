"""A suspended person with the right password is told why, until when, and how to appeal."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Attempts, User
from accounts.services import suspend
from social.models import Decision
from social.moderation import deciding
from social.moderation.models import Verb
from tests.factories import PASSWORD, make_user
from tests.social.moderation.scene import decided, make_moderator

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]
WRONG = "wrong-horse-8"


@pytest.fixture
def dora(db: None) -> User:
    return make_user("dora", password=PASSWORD)


def suspended(person: User, **options: Any) -> Decision:
    """Suspend somebody by a decision."""
    return decided(person, Verb.SUSPEND, make_moderator(), reason="Spam again.", **options)


def log_in(name: str = "dora", password: str = PASSWORD) -> Any:
    """Return the answer to a log-in on the page."""
    return Client().post("/login/", {"username": name, "password": password})


def token(api_as: As, name: str = "dora", password: str = PASSWORD) -> Any:
    """Return the answer to a log-in over the API."""
    values = {"username": name, "password": password}
    return api_as(None).post("/api/v1/auth/token/", values)


def test_the_page_says_why_until_when_and_leads_to_the_appeal(dora: User) -> None:
    end = timezone.now() + timedelta(days=3)
    suspended(dora, ends_at=end)
    answer = log_in()
    assert answer.status_code == 403
    assert "Spam again." in answer.text
    assert f"{end:%-d %B %Y}" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    (path,) = re.findall(r'href="(/appeals/[^"]+)"', answer.text)
    assert Client().get(path).status_code == 200
    Client().post(path, {"words": "It was not me."})
    assert Decision.objects.get().appeal == "open"


def test_the_api_says_it_too(api_as: As, dora: User, settings: Any) -> None:
    settings.SITE_URL = "https://photos.example"
    suspended(dora, ends_at=timezone.now() + timedelta(days=3))
    answer = token(api_as)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (403, "suspended")
    assert "Spam again." in body["detail"]
    assert body["errors"]["reason"][0]["detail"] == "Spam again."
    assert body["errors"]["ends_at"]
    address = body["errors"]["appeal_url"][0]["detail"]
    assert address.startswith("https://photos.example/appeals/")


def test_the_e_mail_address_does_as_well(dora: User) -> None:
    suspended(dora)
    answer = log_in("dora@example.org")
    assert answer.status_code == 403
    assert "until it is restored" in answer.text


def test_a_wrong_password_learns_nothing(api_as: As, dora: User, alice: User) -> None:
    suspended(dora)
    suspended_page, other, nobody = (
        log_in(name, WRONG) for name in ("dora", "alice", "no.such.person")
    )
    assert suspended_page.status_code == other.status_code == nobody.status_code == 422
    bare = [
        re.sub(r"csrf\S+ value=\S+|csrfmiddlewaretoken.*?>", "", one.text)
        .replace("alice", "dora")
        .replace("no.such.person", "dora")
        for one in (suspended_page, other, nobody)
    ]
    assert bare[0] == bare[1] == bare[2]
    bodies = [token(api_as, name, WRONG).json() for name in ("dora", "alice", "no.such.person")]
    assert bodies[0] == bodies[1] == bodies[2]
    assert bodies[0]["code"] == "invalid_credentials"


def test_the_right_password_is_no_failed_guess(dora: User, settings: Any) -> None:
    settings.RATE_LIMITS = True
    suspended(dora)
    log_in()
    assert not Attempts.objects.filter(tried__gt=0).exists()


def test_a_person_suspended_without_a_decision_is_told_whom_to_ask(api_as: As, dora: User) -> None:
    suspend(user=dora)
    answer = log_in()
    assert answer.status_code == 403
    assert "Please ask the people who run this site" in answer.text
    body = token(api_as).json()
    assert (body["code"], body.get("errors")) == ("suspended", None)


def test_whose_suspension_is_over_gets_in_although_nobody_has_ended_it(
    api_as: As, dora: User
) -> None:
    decision = suspended(dora, ends_at=timezone.now() + timedelta(days=1))
    Decision.objects.filter(pk=decision.pk).update(ends_at=timezone.now())
    assert log_in().status_code == 302
    assert User.objects.get(pk=dora.pk).is_active
    assert token(api_as).status_code == 200


def test_the_longest_of_several_suspensions_is_told(dora: User) -> None:
    mona = make_moderator()
    soon = timezone.now() + timedelta(days=1)
    decided(dora, Verb.SUSPEND, mona, reason="For good.")
    decided(dora, Verb.SUSPEND, mona, reason="For a day.", ends_at=soon)
    assert "For good." in log_in().text


def test_nobody_gets_in_with_the_right_password_while_suspended(
    browser_as: As, api_as: As, dora: User
) -> None:
    decision = suspended(dora)
    client = Client()
    client.post("/login/", {"username": "dora", "password": PASSWORD})
    assert client.get("/feed/").status_code == 302
    assert "access" not in token(api_as).json()
    deciding.undo(decision=decision, moderator=None)
    assert log_in().status_code == 302
