"""Names while somebody types: what sign-up would say, and free ones instead of taken ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.doors import free_names
from accounts.models import FormerName, User
from tests.accounts.doors.scene import make_invitation, site_with
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
CHECK = "/signup/name/"


def asked(client: Client, name: str, **further: str) -> dict[str, Any]:
    """Return what the page is told about a name."""
    answer = client.post(CHECK, {"username": name, **further})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    told: dict[str, Any] = answer.json()
    return told


def signed_up(client: Client, name: str) -> int:
    """Return with which status somebody is answered who signs up with this name."""
    words = {"username": name, "email": "dora@example.org", "password": PASSWORD}
    return client.post("/signup/", words).status_code


@pytest.mark.parametrize(
    "name", ["alice", "ALICE", " alice ", "former", "adm.in", "a", "a b", "-x"]
)
def test_a_name_that_sign_up_refuses_is_not_called_free(
    client: Client, alice: User, name: str
) -> None:
    FormerName.objects.create(
        username="former", user=alice, ends_at=timezone.now() + timedelta(days=1)
    )
    told = asked(client, name)
    assert not told["is_free"]
    assert told["sentence"]
    assert signed_up(client, name) == 422


def test_a_name_that_is_free_is_called_so_and_can_be_taken(client: Client) -> None:
    assert asked(client, "Dora") == {
        "is_free": True,
        "sentence": "@dora is free.",
        "suggestions": [],
    }
    assert signed_up(client, "Dora") == 302


def test_what_is_offered_instead_of_a_taken_name_is_free(client: Client, alice: User) -> None:
    first = asked(client, "alice")["suggestions"]
    assert len(first) == free_names.SUGGESTED
    make_user(first[0])
    second = asked(client, "alice")["suggestions"]
    assert first[0] not in second
    assert len(second) == free_names.SUGGESTED
    assert all(asked(client, name)["is_free"] for name in second)
    assert signed_up(client, second[0]) == 302


@pytest.mark.parametrize("name", ["x" * 30, "a.", "__", "7", "..", "ab" * 15, "minigram"])
def test_what_is_offered_can_be_a_name_whatever_it_is_like(name: str) -> None:
    for offered in free_names.suggestions_for(name):
        assert free_names.state_of(offered).is_free


def test_the_page_of_a_refused_sign_up_offers_free_names_without_a_script(
    client: Client, alice: User
) -> None:
    words = {"username": "alice", "email": "dora@example.org", "password": PASSWORD}
    page = client.post("/signup/", words)
    assert page.status_code == 422
    assert all(name in page.text for name in free_names.suggestions_for("alice"))


def test_a_closed_door_tells_nobody_which_names_there_are(client: Client, alice: User) -> None:
    site_with(sign_up="closed")
    assert client.post(CHECK, {"username": "alice"}).status_code == 403
    site_with(sign_up="invitation")
    assert client.post(CHECK, {"username": "alice"}).status_code == 403
    link = make_invitation(alice)
    assert not asked(client, "alice", invitation=link.code)["is_free"]


def test_names_cannot_be_tried_one_after_the_other(client: Client, settings: Any) -> None:
    settings.RATE_LIMITS = True
    settings.THROTTLE_FACTORS = {"address": 2}
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "name": (3, 60)}
    limit = 6
    statuses = [client.post(CHECK, {"username": f"anna{n}"}).status_code for n in range(limit + 1)]
    assert statuses == [200] * limit + [429]


def test_a_look_up_costs_at_most_four_queries(client: Client, alice: User) -> None:
    asked(client, "dora")
    for name, most in (("dora", 2), ("alice", 4), ("admin", 0)):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            free_names.state_of(name)
        assert len(queries) <= most, name
