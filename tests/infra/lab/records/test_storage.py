"""Records are kept as they were measured, and what is not a record is refused."""

from __future__ import annotations

import json
import platform
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.lab.records.storage import RecordInvalid, dump, load, load_all, parse, store
from tests.infra.lab.synthetic import operation, record


def changed(**fields: Any) -> str:
    return json.dumps({**json.loads(dump(record())), **fields})


def test_a_record_comes_back_as_it_was_stored(tmp_path: Path) -> None:
    measured = record(stage=3)
    path = store(measured, tmp_path)
    assert path.name == "stage3-stress-mix-20261126T093100Z.json"
    assert load(path) == measured
    assert path.stat().st_size < 50_000


def test_all_records_come_by_stage_and_time(tmp_path: Path) -> None:
    for stage, seed in ((2, 2), (1, 2), (2, 1), (1, 1)):
        store(record(stage, seed=seed), tmp_path)
    assert [(one.stage, one.started[14:16]) for one in load_all(tmp_path)] == [
        (1, "11"),
        (1, "12"),
        (2, "21"),
        (2, "22"),
    ]


def test_a_folder_that_does_not_exist_holds_no_records(tmp_path: Path) -> None:
    assert load_all(tmp_path / "nowhere") == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is not JSON"),
        ("[]", "names no schema"),
        ('{"users": 5}', "names no schema"),
        (changed(schema=0), "has schema 0, this checkout reads 1: collect it anew"),
        (changed(schema=2), "has schema 2, this checkout reads 1: update it"),
        (changed(colour="red"), "fields that are not known: colour"),
        (changed(stage="one"), "stage should be an integer, not 'one'"),
        (changed(kind="guess"), "kind should be one of stress, breaking"),
        (changed(peak_rps=float("nan")), "peak_rps should be a number"),
        (changed(rounds=[{"requests": 1}]), r"rounds\[0\] lacks failed, mean, p95, rate"),
        (changed(started="yesterday"), "started should be ISO 8601"),
        (changed(started="2026-11-26T10:00:00+01:00"), "in UTC"),
    ],
)
def test_what_is_not_a_record_is_refused_with_the_reason(text: str, says: str) -> None:
    with pytest.raises(RecordInvalid, match=says) as refused:
        parse(text, "foreign.json")
    assert str(refused.value).startswith("foreign.json")


def test_a_record_with_a_missing_field_names_it() -> None:
    fields = json.loads(dump(record()))
    del fields["commit"]
    with pytest.raises(RecordInvalid, match="The record lacks commit"):
        parse(json.dumps(fields), "old.json")


def test_percentiles_that_do_not_ascend_are_refused() -> None:
    with pytest.raises(RecordInvalid, match="percentiles of totals do not ascend"):
        dump(record(totals=operation(8.0, "all", p50=900.0)))


def test_more_failures_than_requests_are_refused() -> None:
    impossible = operation(8.0, "all", requests=3, failures={"timeout": 4})
    with pytest.raises(RecordInvalid, match="more failures than requests"):
        dump(record(totals=impossible))


@pytest.mark.parametrize("private", ["log in /tmp/stage3/web1.log", "/home/alice", "on sputnik-7"])
def test_places_of_the_machine_are_not_stored(
    private: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "node", lambda: "sputnik-7")
    with pytest.raises(RecordInvalid, match="holds a path or the name of a machine"):
        store(record(notes=(private,)), tmp_path)
    assert load_all(tmp_path) == []


def test_addresses_of_the_site_may_be_stored(tmp_path: Path) -> None:
    assert store(record(notes=("GET /api/v1/photos/ was slow",)), tmp_path).exists()


def test_a_record_stays_small(tmp_path: Path) -> None:
    with pytest.raises(RecordInvalid, match="larger than 50,000 bytes"):
        store(replace(record(), notes=("much",) * 10_000), tmp_path)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{"schema": 1, "stage": 1}')
    with pytest.raises(RecordInvalid, match=r"broken\.json: The record lacks"):
        load_all(tmp_path)
