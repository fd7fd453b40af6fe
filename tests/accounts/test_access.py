"""What visitors are answered where members only may act."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User

As = Callable[[User | None], Client]
CAME_FROM = {"Referer": "http://testserver/settings/"}


@pytest.mark.django_db
def test_what_was_typed_when_the_session_ended_comes_back(browser_as: As) -> None:
    answer = browser_as(None).post("/settings/", {"bio": "A story", "next": "/"}, headers=CAME_FROM)
    assert answer.status_code == 403
    html = answer.content.decode()
    assert 'name="bio" value="A story"' in html
    assert 'href="/login/?next=/settings/" target="_blank"' in html


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"next": "/"}, {"new_password1": "secret"}, {"bio": ""}])
def test_a_button_leads_to_the_log_in(browser_as: As, fields: dict[str, str]) -> None:
    answer = browser_as(None).post("/settings/", fields, headers=CAME_FROM)
    assert answer["Location"] == "/login/?next=/settings/"


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["HX-Request", "X-Requested-With"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_script_takes_the_log_in_page_for_an_answer(
    browser_as: As, header: str, method: str
) -> None:
    ask = getattr(browser_as(None), method)
    answer = ask("/settings/", headers={header: "x", **CAME_FROM})
    assert answer.status_code == 403
    html = answer.content.decode()
    assert 'data-session=""' in html
    assert 'href="/login/?next=/settings/"' in html
