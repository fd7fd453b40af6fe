"""The one statement that asks a server how far its write-ahead log goes."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import connection

from accounts.models import User
from minigram_site.db.postgresql import base
from minigram_site.db.wal import current_wal_lsn, observe
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)
needs_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="is about PostgreSQL"
)


def test_without_replicas_nothing_is_asked(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert current_wal_lsn() == 0


@needs_postgresql
def test_a_write_raises_the_lsn_by_which_a_replica_is_judged(settings: Any, alice: User) -> None:
    settings.REPLICAS = ["replica1"]
    before = current_wal_lsn()
    make_user("bob")
    assert before < current_wal_lsn()


@needs_postgresql
def test_the_monitor_observes_what_requests_ask_for(settings: Any) -> None:
    settings.REPLICAS = ["replica1"]
    before = current_wal_lsn()
    parameters = base.DatabaseWrapper(connection.settings_dict)._parameters()
    with psycopg.connect(**parameters | {"autocommit": True}) as own:
        observation = observe(own)
    assert not observation.is_replica
    assert before <= observation.lsn <= current_wal_lsn()
