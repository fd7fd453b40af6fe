"""Forms to the API are read like JSON."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.factories import make_user


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["json", "multipart"])
@pytest.mark.parametrize("name", ["email", "password"])
def test_an_empty_text_is_not_one_that_was_left_out(
    api_as: Callable[[User | None], APIClient], name: str, kind: str
) -> None:
    answer = api_as(make_user()).patch("/api/v1/me/", {name: "", "bio": "new"}, format=kind)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
