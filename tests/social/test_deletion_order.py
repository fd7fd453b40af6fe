"""What a deletion tells whom, and when."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import User
from photos.services import delete_photo
from tests.factories import make_photo
from tests.redis_server import RedisServer


@pytest.mark.usefixtures("cached")
def test_replicas_and_cache_are_told_of_a_deletion_before_its_files_go(
    cached: RedisServer, alice: User, settings: Any
) -> None:
    photo = make_photo(alice)
    settings.REPLICAS = ["replica1"]
    with transaction.atomic():
        delete_photo(photo=photo)
        hooks: list[Any] = [entry[1] for entry in connection.run_on_commit]
        transaction.set_rollback(True)
    names = [getattr(hook, "func", hook).__qualname__ for hook in hooks]
    assert len(names) >= 3
    assert names[-1].startswith("delete_on_commit")
