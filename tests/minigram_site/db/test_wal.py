"""The one statement that asks a server how far its write-ahead log goes, alone or with a commit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from psycopg import generators

from accounts.models import User
from minigram_site.db import lsn, lsn_mmap, wal
from minigram_site.db.context import current_context, request_context
from minigram_site.db.lsn_mmap import LsnTable
from minigram_site.db.postgresql import base
from minigram_site.db.wal import current_wal_lsn, observe
from photos.models import Like
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


@pytest.fixture
def writing(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Open the context of a request that writes, on a site with a replica."""
    settings.REPLICAS = ["replica1"]
    monkeypatch.setattr(lsn_mmap, "local_table", LsnTable(tmp_path / "lsns"))
    with request_context(may_use_replica=False):
        yield


@needs_postgresql
@pytest.mark.usefixtures("writing")
def test_a_commit_brings_its_lsn_along(django_assert_num_queries: Any) -> None:
    before = current_wal_lsn()
    with transaction.atomic():
        make_user("bob")
    with django_assert_num_queries(0):
        committed = lsn.committed_lsn()
    assert before < committed <= current_wal_lsn()
    assert lsn.newest_lsn() == committed


@needs_postgresql
@pytest.mark.usefixtures("writing")
def test_a_commit_that_is_refused_is_an_error() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Like.objects.create(user=make_user("bob"), photo_id=1)
    assert not User.objects.filter(username="bob").exists()
    assert current_context().lsn_unknown


@needs_postgresql
@pytest.mark.usefixtures("writing")
def test_what_happens_after_the_commit_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([True, False])

    def fetch(pgconn: Any) -> Any:
        if not next(answers):
            connection.connection.close()
            raise psycopg.OperationalError("The server is gone.")
        return (yield from generators.fetch(pgconn))

    with monkeypatch.context() as patched, transaction.atomic():
        make_user("bob")
        patched.setattr(wal, "generators", SimpleNamespace(send=generators.send, fetch=fetch))
        transaction.on_commit(connection.close)
    assert User.objects.filter(username="bob").exists()
    assert current_context().lsn_unknown
