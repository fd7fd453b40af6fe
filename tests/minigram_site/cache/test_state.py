"""The row that says whether the site uses the cache."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction

from minigram_site.cache import state
from minigram_site.cache.models import CacheState
from minigram_site.cache.state import OFF, ON, WARMING, CacheRow


@pytest.fixture
def row(transactional_db: None) -> CacheState:
    """Return the row of a site that uses its cache."""
    return CacheState.objects.create(state=ON, generation="one", run_id="run", floor_lsn=7)


def test_without_a_row_the_cache_is_off(db: None) -> None:
    assert state.read_row() == CacheRow(OFF, "", "", 0)


def test_the_row_is_read_as_it_stands(row: CacheState) -> None:
    assert state.read_row() == CacheRow(ON, "one", "run", 7)


def test_the_first_move_makes_the_row(db: None) -> None:
    state.move(CacheRow(), state=WARMING, generation="two", run_id="run", floor_lsn=9)
    assert state.read_row() == CacheRow(WARMING, "two", "run", 9)


def test_a_row_that_another_process_has_moved_is_left_alone(row: CacheState) -> None:
    seen = state.read_row()
    assert state.switch_off()
    state.move(seen, state=WARMING, generation="two", run_id="run", floor_lsn=9)
    assert state.read_row() == CacheRow(OFF, "one", "run", 7)


def test_switching_off_twice_tells_so(row: CacheState) -> None:
    assert [state.switch_off(), state.switch_off()] == [True, False]


def test_switching_off_in_a_transaction_holds_with_its_commit(row: CacheState) -> None:
    with transaction.atomic():
        assert state.switch_off_in_transaction()
        transaction.set_rollback(True)
    assert state.read_row().state == ON
    with transaction.atomic():
        assert state.switch_off_in_transaction()
    assert state.read_row().state == OFF


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite locks no rows")
def test_a_transaction_waits_for_no_lock_on_the_row(row: CacheState) -> None:
    def switch_off() -> bool:
        try:
            with transaction.atomic():
                return state.switch_off_in_transaction()
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        CacheState.objects.select_for_update().get()
        assert not pool.submit(switch_off).result(5)


@pytest.mark.parametrize("fields", [{"id": 2}, {"state": "broken"}])
def test_the_database_refuses_another_row_and_another_state(
    row: CacheState, fields: dict[str, str | int]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        CacheState.objects.update(**fields)
