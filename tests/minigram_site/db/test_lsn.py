"""LSNs recorded by account: one table for all processes of the machine."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from minigram_site.db import lsn, lsn_mmap, monitor
from minigram_site.db.context import mark_written, request_context
from minigram_site.db.lsn_mmap import EVERYBODY, NEWEST, LsnTable, key_of
from minigram_site.db.replica_set import MAX_LAG_BYTES

USER_IDS = range(10**17, 10**17 + 200)


@pytest.fixture
def table(tmp_path: Path) -> LsnTable:
    return LsnTable(tmp_path / "run" / "lsns")


def test_nothing_is_required_for_an_account_that_wrote_nothing(table: LsnTable) -> None:
    assert table.get(5) == 0


def test_the_highest_lsn_is_kept(table: LsnTable) -> None:
    for value in (30, 50, 40):
        table.raise_to(5, value)
    assert table.get(5) == 50


def test_large_ids_and_lsns_fit(table: LsnTable) -> None:
    table.raise_to(2**63 - 1, 2**63 - 1)
    assert table.get(2**63 - 1) == 2**63 - 1


def test_accounts_made_one_after_the_other_do_not_share_slots(table: LsnTable) -> None:
    for user_id in USER_IDS:
        table.raise_to(user_id, user_id - USER_IDS[0] + 1)
    right = [table.get(user_id) == user_id - USER_IDS[0] + 1 for user_id in USER_IDS]
    assert right.count(True) > 0.97 * len(right)


def test_no_account_shares_the_slot_of_everybody(table: LsnTable) -> None:
    for user_id in range(1000, 1_000_000, 1000):
        table.raise_to(user_id, 7)
    assert table.get(EVERYBODY) == 0


def test_names_are_recorded_together_and_share_no_slot_of_everybody(table: LsnTable) -> None:
    names = [key_of(f"n:{number}") for number in range(1000)]
    table.raise_all(names, 9)
    assert {table.get(name) for name in names} == {9}
    assert (table.get(EVERYBODY), table.get(NEWEST)) == (0, 0)


def test_a_name_has_one_key_in_every_process() -> None:
    assert key_of("n:1") == 3380601211


@pytest.fixture
def lost_primary(table: LsnTable, settings: Any, monkeypatch: pytest.MonkeyPatch) -> LsnTable:
    """Let the primary be lost between a commit and the question for its LSN; 500 was before."""

    def lost() -> int:
        raise OperationalError("the server does not answer")

    settings.REPLICAS = ["replica1"]
    monkeypatch.setattr(lsn_mmap, "local_table", table)
    monkeypatch.setattr(monitor, "_monitor", None)
    monkeypatch.setattr(lsn, "committed_lsn", lost)
    table.raise_to(NEWEST, 500)
    return table


def test_what_was_committed_is_required_also_where_its_lsn_is_not_known(
    lost_primary: LsnTable,
) -> None:
    with request_context(may_use_replica=False):
        lsn._require((EVERYBODY,))
    assert lost_primary.get(EVERYBODY) == 500 + MAX_LAG_BYTES
    # It is told from what was acknowledged before, and the bound of the next lies little higher.
    assert lsn.newest_lsn() == 501
    with request_context(may_use_replica=False):
        lsn._require((EVERYBODY,))
    assert lost_primary.get(EVERYBODY) == 501 + MAX_LAG_BYTES


@pytest.mark.usefixtures("lost_primary")
def test_a_primary_that_is_lost_is_asked_once_after_each_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with request_context(may_use_replica=False):
        bound = lsn.committed_lsn_or_bound()
        monkeypatch.setattr(lsn, "committed_lsn", lambda: 700)
        assert lsn.committed_lsn_or_bound() == bound
        mark_written()
        assert lsn.committed_lsn_or_bound() == 700


def _raise(path: Path, start: int) -> None:
    table = LsnTable(path)
    for number in range(500):
        table.raise_to(number % 20, start + number)


@pytest.mark.slow
def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lsns"
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_raise, args=[path, start]) for start in (0, 5000, 10_000)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    table = LsnTable(path)
    assert [table.get(key) for key in range(20)] == [10_480 + key for key in range(20)]


def test_a_forked_process_and_its_parent_see_each_other(table: LsnTable) -> None:
    table.raise_to(1, 10)
    pid = os.fork()
    if pid == 0:
        table.raise_to(1, 20)
        table.raise_to(2, table.get(1))
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    assert (table.get(1), table.get(2)) == (20, 20)


def test_without_replicas_there_is_no_lsn_and_no_query(
    django_assert_num_queries: Any, db: None
) -> None:
    mark_written()
    with django_assert_num_queries(0):
        assert lsn.committed_lsn() == 0
