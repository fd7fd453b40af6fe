"""Invalidation: no entry is used that was built before a change, whatever the order of events."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from minigram_site.cache import invalidation
from minigram_site.cache.invalidation import invalidate
from minigram_site.cache.lease import current_lease
from minigram_site.cache.read_through import get_or_build
from minigram_site.cache.store import claim
from minigram_site.cache.writer import Built, Writer
from minigram_site.db import lsn, lsn_mmap
from minigram_site.db.context import request_context
from minigram_site.db.lsn_mmap import LsnTable, key_of
from tests.caching import REGION, Source
from tests.redis_server import RedisServer


@pytest.fixture
def source(cached: RedisServer) -> Source:
    return Source()


def test_a_change_is_seen_at_once(source: Source) -> None:
    source.read()
    source.change(b"two")
    assert source.read() == b"two"
    assert (source.read(), source.asked) == (b"two", 2)


def test_while_a_change_is_pending_nothing_is_used_or_stored(source: Source) -> None:
    source.read()
    with transaction.atomic():
        invalidate("thing")
        assert source.read() == b"one"
        assert source.read() == b"one"
    assert source.asked == 3


def test_a_change_that_is_rolled_back_costs_a_miss(source: Source) -> None:
    source.read()
    with transaction.atomic():
        invalidate("thing")
        transaction.set_rollback(True)
    assert (source.read(), source.asked) == (b"one", 2)


def test_a_change_between_reading_and_storing_is_not_covered_up(source: Source) -> None:
    def slow(writer: Writer) -> bytes:
        writer.depends_on("thing")
        source.change(b"two")
        writer.store(REGION, "key", b"one", ["thing"])
        return b"one"

    get_or_build(REGION, "key", slow)
    assert source.read() == b"two"


def test_a_token_that_was_evicted_makes_its_entries_invalid(
    source: Source, cached: RedisServer
) -> None:
    source.read()
    lease = current_lease()
    assert lease
    cached.ask("DEL", invalidation.redis_key(lease.generation, "thing"))
    source.value = b"two"
    assert source.read() == b"two"


def test_invalidation_belongs_into_a_transaction(cached: RedisServer) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        invalidate("thing")


def test_the_last_of_two_pending_changes_sets_the_token(source: Source) -> None:
    names = ["thing"]
    assert invalidation._begin(names, "one")
    assert invalidation._begin(names, "two")
    invalidation._end(names, "one", begun=True)
    source.read()
    assert (source.read(), source.asked) == (b"one", 2)
    invalidation._end(names, "two", begun=True)
    source.read()
    assert (source.read(), source.asked) == (b"one", 3)


def test_a_process_that_died_in_a_change_counts_until_the_deadline(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.read()
    monkeypatch.setattr(invalidation, "PENDING_TTL_MS", 50)
    invalidation._begin(["thing"], "dead")
    time.sleep(0.1)
    assert [source.read(), source.read()] == [b"one", b"one"]
    assert source.asked == 2


@pytest.fixture
def table(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LsnTable:
    """Return the LSNs of a site with replicas, where each commit ends at LSN 1234."""
    settings.REPLICAS = ["replica1"]
    monkeypatch.setattr(lsn, "committed_lsn", lambda: 1234)
    monkeypatch.setattr(lsn_mmap, "local_table", LsnTable(tmp_path / "lsns"))
    return lsn_mmap.local_table


def test_who_reads_without_the_cache_requires_what_a_change_has_committed(
    source: Source, table: LsnTable
) -> None:
    source.change(b"two")
    assert table.get(key_of("thing")) == 1234
    with request_context(may_use_replica=True) as context:
        Writer(None).depends_on("another", "thing")
        assert context.required_lsn == 1234


def test_who_finds_a_mark_requires_what_its_change_has_committed_by_now(
    source: Source, table: LsnTable
) -> None:
    lease = current_lease()
    assert invalidation._begin(["thing"], "one")

    def required() -> int:
        with request_context(may_use_replica=True) as context:
            Writer(lease).depends_on("thing")
            return context.required_lsn

    assert required() == 0
    # What ends the mark was sent, and has not arrived.
    lsn.record_changes(["thing"], 1234)
    assert required() == 1234


def test_a_change_whose_lsn_is_not_known_leaves_its_mark_and_the_cache_is_switched_off(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.read()
    waited: list[bool] = []
    monkeypatch.setattr(invalidation, "revoke_and_wait", lambda: waited.append(True))
    with request_context(may_use_replica=False) as context:
        context.lsn_bound = 5000
        source.change(b"two")
    assert waited == [True]
    # Also as long as no process has noticed.
    assert (source.read(), source.read(), source.asked) == (b"two", b"two", 3)


def test_what_was_read_from_a_replica_that_is_behind_is_not_stored(source: Source) -> None:
    with request_context(may_use_replica=False) as context:

        def without_primary(writer: Writer) -> bytes:
            writer.depends_on("thing")
            context.is_behind = True
            writer.store(REGION, "key", b"stale", ["thing"])
            return b"stale"

        assert get_or_build(REGION, "key", without_primary).body == b"stale"
    assert source.read() == b"one"


def test_what_changed_since_the_claim_is_not_used(source: Source) -> None:
    lease = current_lease()
    assert lease
    claimed = claim(lease, [(REGION, "key")])
    assert claimed
    source.change(b"two")
    writer = Writer(lease)
    writer.read_since(claimed.last_change)
    writer.store_unchanged([Built(REGION, "key", b"one", ["thing"])], {})
    assert source.read() == b"two"


def test_what_a_transaction_reads_of_its_own_writes_is_not_stored(source: Source) -> None:
    with transaction.atomic():
        source.value = b"two"
        assert source.read() == b"two"
        transaction.set_rollback(True)
    source.value = b"one"
    assert source.read() == b"one"
