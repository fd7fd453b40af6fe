"""Ids: unique over threads and processes, in order of time, short in addresses."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigram_site.fields import snowflake


def test_ids_rise_and_never_repeat_over_threads() -> None:
    with ThreadPoolExecutor(8) as pool:
        parts = list(pool.map(lambda _: [snowflake.new_id() for _ in range(5000)], range(8)))
    assert all(earlier < later for part in parts for earlier, later in pairwise(part))
    assert len({identifier for part in parts for identifier in part}) == 40_000


def test_an_id_knows_its_time() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    assert (
        before
        <= snowflake.moment_of(snowflake.new_id())
        <= datetime.now(UTC) + timedelta(seconds=1)
    )


def test_id_at_is_the_smallest_id_of_its_time() -> None:
    moment = datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert snowflake.moment_of(snowflake.id_at(moment)) == moment
    assert snowflake.moment_of(snowflake.id_at(moment) - 1) < moment


@given(st.integers(0, snowflake.MAX_ID))
def test_codes_lead_back_to_their_id(identifier: int) -> None:
    code = snowflake.encode(identifier)
    assert snowflake.decode(code) == identifier
    assert len(code) <= 11


@pytest.mark.parametrize("code", ["", "0", "O", "l", "zzzzzzzzzzz", "abc-", "ä"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="code"):
        snowflake.decode(code)


def test_a_clock_that_goes_back_makes_no_id_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    generate = snowflake.Generator()
    first = [generate() for _ in range(10)]
    monkeypatch.setattr(time, "time_ns", lambda: 1_750_000_000_000_000_000)
    assert all(identifier > first[-1] for identifier in [generate() for _ in range(5000)])


def set_clock(monkeypatch: pytest.MonkeyPatch, **back: int) -> None:
    """Stop the clock at a time that is so far ago."""
    moment = time.time_ns() - int(timedelta(**back).total_seconds() * 1e9)
    monkeypatch.setattr(time, "time_ns", lambda: moment)


def test_no_process_makes_an_id_below_those_before_the_clock_was_set_back(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    first, second = snowflake.Generator(), snowflake.Generator()
    made = [second(), first()]
    set_clock(monkeypatch, hours=1)
    generators = (first, second, second, first, snowflake.Generator(), first)
    made += [generate() for generate in generators]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_many_ids_of_one_process_stay_near_the_newest_while_the_clock_is_behind(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    newest = snowflake.moment_of(snowflake.Generator()())
    set_clock(monkeypatch, hours=1)
    generate = snowflake.Generator()
    last = snowflake.moment_of([generate() for _ in range(4000)][-1])
    assert last - newest < timedelta(milliseconds=10)


def test_a_clock_far_behind_the_newest_id_is_told_with_the_file_to_delete(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.DATA_DIR = tmp_path
    snowflake.Generator()()
    set_clock(monkeypatch, hours=1)
    snowflake.Generator()()
    assert "3600 s behind" in caplog.text or "3599 s behind" in caplog.text
    assert ".newest" in caplog.text


def test_each_generator_leases_a_slot_of_its_own_until_none_is_left(
    settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    generators = [snowflake.Generator() for _ in range(snowflake.SLOTS)]
    processes = {process_of(generate()) for generate in generators}
    assert len(processes) == snowflake.SLOTS
    with pytest.raises(snowflake.NoFreeSlot, match="INSTANCE_ID"):
        snowflake.Generator()()


CHILD = """
import os, django
django.setup()
from minigram_site.fields.snowflake import new_id
print(new_id(), flush=True)
if os.fork() == 0:
    print(new_id(), flush=True)
    os._exit(0)
os.wait()
print(new_id(), flush=True)
"""


def process_of(identifier: int) -> int:
    """Return the process bits of an id."""
    return (identifier >> snowflake.SEQUENCE_BITS) & (1 << snowflake.PROCESS_BITS) - 1


@pytest.mark.slow
def test_processes_and_forks_never_share_the_process_bits(tmp_path: Path) -> None:
    env = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}"}
    here = process_of(snowflake.new_id())
    run = subprocess.run(
        [sys.executable, "-c", CHILD], env=env, capture_output=True, text=True, check=True
    )
    parent, child, parent_again = (process_of(int(line)) for line in run.stdout.split())
    assert parent == parent_again
    assert len({here, parent, child}) == 3


@pytest.mark.parametrize("year", [1900, 1969, 1999, 2024, 2026, 2099])
def test_what_was_made_elsewhere_has_its_time_in_the_id_below_all_that_was_made_here(
    year: int,
) -> None:
    moment = datetime(year, 5, 6, 7, 8, 9, 123000, tzinfo=UTC)
    ids = {snowflake.imported_id(moment) for _ in range(400)}
    assert len(ids) > 100
    assert {snowflake.moment_of(one) for one in ids} == {moment}
    assert all(snowflake.is_imported(one) and snowflake.encode(one) for one in ids)
    later = snowflake.imported_id(moment + timedelta(milliseconds=1))
    assert max(ids) < later < snowflake.new_id()
    assert not snowflake.is_imported(snowflake.new_id())


def test_ids_that_are_taken_give_way_to_later_ones_and_the_time_has_bounds() -> None:
    moment = datetime(2012, 1, 1, tzinfo=UTC)
    tried = [snowflake.imported_id(moment, attempt) for attempt in range(12) for _ in range(50)]
    found = [snowflake.moment_of(one) - moment for one in tried]
    assert timedelta(0) <= min(found) <= max(found) < timedelta(seconds=5)
    assert max(found) > timedelta(milliseconds=100)
    assert snowflake.imported_id(datetime(1850, 1, 1, tzinfo=UTC)) > 0
    last = snowflake.imported_id(datetime(2300, 1, 1, tzinfo=UTC), 11)
    assert snowflake.is_imported(last)
