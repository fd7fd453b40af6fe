"""Of all records, the newest stand for the stages, and only those are committed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command

from infra.lab.analysis.comparison import warnings
from infra.lab.analysis.stage_records import stages
from infra.lab.records import Drill, Load
from infra.lab.records.selection import Side, current, prune, side
from infra.lab.records.storage import RECORDS, load_all, store
from infra.lab.report.files import files
from tests.infra.lab.synthetic import full_set, record

DRILL = Drill("instance killed", 900, 0, 0, 0, 0, 0, 1.5, "answered", "answered", as_expected=True)


def test_the_committed_records_are_those_that_stand_for_the_stages() -> None:
    records = load_all(RECORDS)
    assert [one.name for one in records] == [one.name for one in current(records)]


def test_the_committed_folder_stays_small() -> None:
    sizes = [path.stat().st_size for path in RECORDS.glob("*.json")]
    assert len(sizes) <= 60
    assert sum(sizes) < 600_000


@pytest.mark.slow
def test_runs_of_another_commit_are_superseded_and_change_no_document() -> None:
    newer = full_set()
    older = [
        replace(one, started=one.started.replace("2026-11-26", "2026-11-20"), commit="fff0000")
        for one in newer
        if one.kind != "drill"
    ]
    assert current([*older, *newer]) == newer
    assert files([*older, *newer]) == files(newer)


def test_runs_that_repeat_the_newest_stay_with_it() -> None:
    runs = [record(2, seed=seed) for seed in (1, 2, 3)]
    assert current(runs) == runs


def test_profiles_and_loops_are_newest_apart() -> None:
    loads = [Load(9, 60), Load(9, 60, profile="reads"), Load(9, 60, loop="open", arrival_rate=5)]
    runs = [record(2, seed=seed, load=load) for seed, load in enumerate(loads)]
    assert current(runs) == runs


def test_the_mix_with_pictures_stands_for_a_stage_beside_newer_classic_runs() -> None:
    classic = [record(2, seed=seed) for seed in (1, 3)]
    usual = record(2, seed=2, load=Load(9, 60, pictures=True))
    assert current([classic[0], usual]) == [usual]
    assert current([usual, classic[1]]) == [usual, classic[1]]
    assert side("2", [usual, classic[1]]).runs == (usual,)
    assert stages([usual, classic[1]])[1].mixes == (usual,)
    assert stages([classic[1]])[1].mixes == (classic[1],)


def test_comparing_different_mixes_is_told() -> None:
    sides = [
        Side("a", (record(2),)),
        Side("b", (record(2, load=Load(100, 60, seed=1, pictures=True)),)),
    ]
    assert any("The mix differs" in warning for warning in warnings(sides))
    assert not any("The mix differs" in warning for warning in warnings(sides[:1] * 2))


def test_a_void_run_stays_until_a_sound_one_follows_it() -> None:
    sound, void = record(2, seed=2), record(2, seed=3, void="dropped")
    assert current([sound, void]) == [sound, void]
    assert current([replace(void, started=record(2, seed=1).started), sound]) == [sound]
    assert current([void]) == [void]


def test_of_drills_the_newest_of_each_fault_stays() -> None:
    other = replace(DRILL, fault="worker killed")
    whole = record(3, seed=1, kind="drill", drills=(DRILL, other))
    again = record(3, seed=2, kind="drill", drills=(DRILL,))
    assert current([whole, again]) == [whole, again]
    last = record(3, seed=3, kind="drill", drills=(DRILL, other))
    assert current([whole, again, last]) == [last]


def test_pruning_removes_the_files_of_superseded_records_only(tmp_path: Path) -> None:
    store(record(2, seed=1, commit="fff0000"), tmp_path)
    kept = store(record(2, seed=2), tmp_path)
    assert [path.name for path in prune(tmp_path)] == ["stage2-stress-mix-20261126T092100Z.json"]
    assert list(tmp_path.glob("*.json")) == [kept]
    assert prune(tmp_path) == []


@pytest.mark.slow
def test_an_export_prunes_when_it_is_asked_to(tmp_path: Path) -> None:
    for seed, commit in ((1, "fff0000"), (2, "0123abc")):
        store(record(2, seed=seed, commit=commit), tmp_path / "records")
    for option, left in (((), 2), (("--prune",), 1)):
        call_command(
            "lab", "export", f"--records={tmp_path / 'records'}", f"--docs={tmp_path}", *option
        )
        assert len(list((tmp_path / "records").glob("*.json"))) == left
