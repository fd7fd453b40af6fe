"""Whoever only reads changes nothing: programs open links in mails before people do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection

from tests.matrix.rules import Ask
from tests.matrix.scene import Account, Kind, Scene, set_up
from tests.matrix.tables import PREPARE, TABLE
from tests.matrix.test_matrix import asked

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
WRITES = re.compile(r'^\s*(?:WITH .*)?(INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.S)
# What the site keeps for itself: what a browser was shown, and the ranking that a page is of.
KEPT = {"django_session", "social_exploresnapshot", "social_exploreplace"}


@pytest.fixture
def scene(request: pytest.FixtureRequest, settings: Any) -> Scene:
    settings.RATE_LIMITS = False
    made = set_up(Account.PUBLIC, request.param)
    for prepare in PREPARE:
        prepare(made)
    return made


def written(scene: Scene, name: str, method: str) -> set[str]:
    """Return the tables that a request writes to."""
    found: set[str] = set()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if match := WRITES.match(sql):
            found.add(match[2])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        asked(scene, name, TABLE[name].args(scene), Ask(method, lambda scene: 200))
    return found - KEPT


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("scene", [Kind.OWNER, Kind.FOLLOWER, Kind.NOBODY], indirect=True)
def test_reading_writes_nothing(scene: Scene, method: str) -> None:
    read = [name for name, one in TABLE.items() if any(ask.method == "GET" for ask in one.asks)]
    assert len(read) > 100
    faults = {name: tables for name in read if (tables := written(scene, name, method))}
    assert faults == {}


@pytest.mark.parametrize("scene", [Kind.FOLLOWER], indirect=True)
def test_a_write_is_noticed(scene: Scene) -> None:
    assert "accounts_follow" in written(scene, "social:unfollow", "POST")
