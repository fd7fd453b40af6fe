"""What a script is answered after an act that changes counts: the counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import hide
from tests.factories import make_follow, make_photo

As = Callable[[User | None], Client]

HTMX: dict[str, Any] = {"HX-Request": "true"}
pytestmark = pytest.mark.django_db


def test_deleting_and_restoring_a_photo_answer_the_authors_counts(
    browser_as: As, alice: User
) -> None:
    photo = make_photo(alice)
    make_photo(alice)
    browser = browser_as(alice)
    for path, photos in (
        (f"/p/{photo.code}/delete/", "<strong>1</strong> photo<"),
        (f"/settings/deleted/{photo.code}/restore/", "<strong>2</strong> photos<"),
    ):
        answer = browser.post(path, headers=HTMX)
        assert answer.status_code == 200
        assert 'data-live="counts-alice"' in answer.text
        assert photos in answer.text


@pytest.mark.parametrize("active", [True, False])
def test_removing_a_follower_answers_what_it_has_changed(
    browser_as: As, alice: User, bob: User, active: bool
) -> None:
    make_follow(bob, alice)
    if not active:
        hide(user=bob)
    answer = browser_as(alice).post("/@bob/remove/", headers=HTMX)
    assert answer.status_code == 200
    assert 'data-live="counts-alice"' in answer.text
    assert "Follows you" not in answer.text
    assert ('data-live="counts-bob"' in answer.text) is active
    assert ('data-live="follows-you-bob"' in answer.text) is active
