"""A comment and the answer that is kept for its ``Idempotency-Key`` are written together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from psycopg.errors import AdminShutdown
from rest_framework.test import APIClient

from accounts.models import IdempotencyKey, User
from photos.models import Comment
from tests.factories import make_photo

KEY = {"Idempotency-Key": "one"}


def test_a_comment_whose_answer_could_not_be_kept_is_not_there(
    api_as: Callable[[User], APIClient], alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/api/v1/photos/{make_photo(alice).pk}/comments/"
    client = api_as(alice)

    def stop(*_: Any, **__: Any) -> None:
        raise OperationalError("the server is stopping") from AdminShutdown()

    with monkeypatch.context() as stopping:
        stopping.setattr(IdempotencyKey, "save", stop)
        assert client.post(path, {"text": "hello"}, headers=KEY).status_code == 503
    assert not Comment.objects.exists()
    assert client.post(path, {"text": "hello"}, headers=KEY).status_code == 201
    assert client.post(path, {"text": "hello"}, headers=KEY).headers["Idempotency-Replayed"]
    assert Comment.objects.count() == 1
