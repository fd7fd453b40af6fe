"""A form whose CSRF token has changed gives back what was typed, to this site's own pages only."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User

STORY = "A <long> story\nof two lines"


@pytest.fixture
def client(alice: User) -> Client:
    """Return Alice's browser, of which the CSRF token is asked."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    client.get("/settings/")
    return client


def send(client: Client, **headers: str) -> Any:
    """Send a form with the token of another log-in."""
    fields = {"bio": STORY, "new_password1": "secret", "csrfmiddlewaretoken": "x" * 32}
    return client.post("/settings/?a=1", fields, headers=headers)


def test_a_form_that_expired_is_sent_again_with_one_button(client: Client, alice: User) -> None:
    answer = send(client, origin="http://testserver")
    assert answer.status_code == 403
    html = answer.content.decode()
    assert 'action="/settings/?a=1"' in html
    assert f'name="bio" value="{STORY.replace("<", "&lt;").replace(">", "&gt;")}"' in html
    fields = dict(answer.context["fields"])
    token = str(answer.context["csrf_token"])
    again = client.post("/settings/?a=1", {**fields, "csrfmiddlewaretoken": token})
    assert again.status_code == 302
    alice.refresh_from_db()
    assert alice.bio == STORY


def test_it_says_who_would_send_it(client: Client) -> None:
    assert 'data-session="alice"' in send(client).content.decode()


def test_passwords_and_old_tokens_are_not_given_back(client: Client) -> None:
    assert {name for name, _ in send(client).context["fields"]} == {"bio"}


def test_a_form_of_another_site_is_not_offered_again(client: Client) -> None:
    answer = send(client, origin="https://elsewhere.example")
    assert answer.status_code == 403
    assert "long" not in answer.content.decode()
    assert "<form" not in answer.content.decode().partition("<main")[2]
