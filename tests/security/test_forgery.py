"""Requests that another site lets a member's browser send (CSRF).

Every page that changes something asks for the token of a form, whoever sends it: a form, htmx, the
admin. The API knows no cookie, so that a browser cannot be made to call it.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.test import Client

from tests.matrix.scene import Account, Kind, Scene, set_up
from tests.matrix.test_admin import addresses
from tests.security.surface import answer_to, api_calls, page_calls

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# Pages that take a POST without the token of a form, and what stands in its place.
OTHERWISE = {
    "social:share-target": "the system sends it; what another site sends is refused by its headers",
    "social:digest-end": "a mail program sends it; the key in the address is the permission",
}
MARK = "X-Refused"


def refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a forged request so that no other refusal looks like it."""
    return HttpResponse(reason, status=403, headers={MARK: "forged"})


@pytest.fixture(autouse=True)
def marked(settings: Any) -> None:
    settings.CSRF_FAILURE_VIEW = f"{__name__}.refused"


def strict_client(scene: Scene) -> Client:
    """Return the owner's browser, whose requests are looked at as the site does."""
    client = Client(enforce_csrf_checks=True)
    client.cookies["sessionid"] = scene.session_key
    return client


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["form", "htmx"])
@pytest.mark.parametrize("forged", ["without a token", "with the token of another browser"])
def test_no_page_takes_what_another_site_sends(
    scene: Scene, headers: dict[str, str], forged: str
) -> None:
    token = {} if forged == "without a token" else {"csrfmiddlewaretoken": get_token(HttpRequest())}
    taken = []
    for call in page_calls(scene):
        if call.method != "GET":
            body = {**call.body, **token}
            with answer_to(strict_client(scene), call, body=body, headers=headers) as answer:
                if MARK not in answer.headers:
                    taken.append(call.name)
    assert sorted(taken) == sorted(OTHERWISE)


def test_every_page_takes_what_its_own_form_sends(scene: Scene) -> None:
    faults = []
    for call in page_calls(scene):
        if call.method != "GET":
            client, request = strict_client(scene), HttpRequest()
            token = get_token(request)
            client.cookies["csrftoken"] = request.META["CSRF_COOKIE"]
            with answer_to(client, call, headers={"X-CSRFToken": token}) as answer:
                if MARK in answer.headers:
                    faults.append(call.name)
    assert not faults


def test_the_admin_takes_nothing_that_another_site_sends(settings: Any) -> None:
    settings.RATE_LIMITS = False
    scene = set_up(Account.PUBLIC, Kind.ADMIN)
    asked = list(addresses())
    assert len(asked) > 50
    taken = [
        name
        for name, address in asked
        if MARK not in strict_client(scene).post(address, {}).headers
    ]
    assert taken == []


def test_a_cookie_opens_nothing_of_the_api(scene: Scene) -> None:
    faults = []
    for call in api_calls(scene):
        browser = Client()
        browser.cookies["sessionid"] = scene.session_key
        with answer_to(Client(), call) as visitor:
            expected = visitor.status_code
        with answer_to(browser, call) as answer:
            if answer.status_code != expected:
                faults.append(f"{call}: {answer.status_code} instead of {expected}")
    assert not faults, "\n".join(faults)
