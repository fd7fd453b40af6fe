"""Times of all answers of the API have one form, whichever view gives them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from accounts.models import User
from minigram_site.api.rendering import to_json
from tests.accounts.doors.scene import make_invitation
from tests.openapi import OTHER_TIMES

As = Callable[[User | None], Any]


def test_a_time_is_utc_with_milliseconds() -> None:
    noon = datetime(2026, 11, 30, 12, 0, 0, 123_456, tzinfo=UTC)
    here = noon.astimezone(timezone(timedelta(hours=2)))
    assert to_json([noon, here]) == b'["2026-11-30T12:00:00.123Z","2026-11-30T12:00:00.123Z"]'


def test_a_time_in_another_form_is_noticed() -> None:
    for other in ("2026-11-30T12:00:00.123456+00:00", "2026-11-30T12:00:00+02:00"):
        assert OTHER_TIMES.search(f'{{"at":"{other}"}}'.encode())
    assert not OTHER_TIMES.search(
        b'{"at":"2026-11-30T12:00:00.123Z","taken":"2026-11-30T12:00:00"}'
    )


@pytest.mark.django_db
def test_lists_that_give_moments_as_they_are_tell_them_in_that_form(
    api_as: As, alice: User
) -> None:
    make_invitation(alice)
    client = api_as(alice)
    for path in ("me/invitations/", "me/log-ins/", "me/factors/"):
        assert not OTHER_TIMES.search(client.get(f"/api/v1/{path}").content)
    assert b'Z"' in client.get("/api/v1/me/invitations/").content
