"""The lab measures, breaks and diagnoses a real stage; planted faults are found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from rich.console import Console

from infra.cluster import Cluster
from infra.doctor.findings import Findings
from infra.lab.commands.soak import soak
from infra.lab.data_set import DataSet
from infra.lab.diagnose.stage import look_at_stage
from infra.lab.faults.drill import drill
from infra.lab.faults.expectations import for_stage
from infra.lab.load.spec import NEXT_PAGE, NINE, PHOTO, SESSION, UPLOAD
from infra.lab.measure.breaking_point import breaking
from infra.lab.measure.stress import load_for, stress
from infra.lab.measure.target import Target
from infra.lab.records import Record, storage
from tests.infra.stages.conftest import PASSWORD

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages"), pytest.mark.timeout(120)]
# Of the data set that each stage of the tests has.
SIZES = DataSet(users=60, follows=10, photos=300, likes=900)
COUNT_SESSIONS = "SELECT count(*) FROM accounts_apisession"
FEED_KEY = "social_feedentry_pkey"


@pytest.fixture(scope="module")
def target(stage3: Cluster) -> Target:
    """Return Stage 3 with its small data set."""
    return Target(stage3, 3, SIZES, PASSWORD)


def people_of(target: Target) -> int:
    return int(
        target.cluster.sql("postgres", "SELECT count(*) FROM accounts_user WHERE is_active")[0][0]
    )


def problems(target: Target) -> list[str]:
    """Return what a diagnosis finds wrong."""
    found = Findings()
    look_at_stage(found, target.cluster, target.stage)
    return [f"{row.what}: {row.detail}" for row in found.rows if row.state == "problem"]


@pytest.fixture(scope="module")
def measured(target: Target) -> Record:
    """Measure every operation for some seconds."""
    load = load_for(target, users=10, seconds=12, profile="journey", think=0.02)
    return stress(target, load)[0]


def test_people_do_all_nine_things_without_a_failure(measured: Record) -> None:
    assert {*NINE} - {NEXT_PAGE} <= measured.operations.keys()
    assert measured.operations[UPLOAD].requests > 0
    assert measured.totals.failures == {}
    assert any("0 lost, 0 doubled, 0 miscounted, 0 unanswered" in note for note in measured.notes)


def test_the_servers_of_the_run_are_measured(measured: Record) -> None:
    assert measured.server.keys() == {"nginx", "web", "postgres", "worker"}
    assert measured.server["web"].cpu_ms_per_request > 0.5
    assert measured.database.queries_per_request
    assert 1 < measured.database.queries_per_request < 40
    assert min(measured.answers.values()) > 0
    assert len(measured.answers) == 3
    assert measured.overhead_share < 0.03
    assert sum(each.requests for each in measured.rounds) == measured.totals.requests


def test_a_record_can_be_stored_and_says_where_nothing_is(measured: Record) -> None:
    text = storage.dump(measured)
    assert storage.parse(text, "record") == measured
    assert PASSWORD not in text


def test_a_soak_watches_the_processes_of_an_instance_and_the_worker(stage2: Cluster) -> None:
    target = Target(stage2, 2, SIZES, PASSWORD)
    load = load_for(target, users=2, seconds=2, think=0.05, checks=0)
    curves, result = soak(target, load, 0.2, Console(quiet=True))
    assert [one.name for one in curves] == ["web1", "web1", "worker"]
    assert [curves[0].pid, curves[2].pid] == [stage2.part(name).pid for name in ("web1", "worker")]
    assert all(one.samples for one in curves)
    assert result["totals"]["requests"] > 0


def test_requests_of_an_open_loop_arrive_at_their_rate(target: Target) -> None:
    load = load_for(target, users=20, seconds=2, rate=40, profile="reads", checks=0)
    record, again = stress(target, load)[0], stress(target, load)[0]
    assert record.load.loop == "open"
    assert record.operations[NEXT_PAGE].requests > 0
    assert record.totals.requests == pytest.approx(80, abs=30)
    assert record.totals.failures == {}
    # The same seed makes the same run.
    assert record.totals.requests == again.totals.requests
    assert record.operations[PHOTO].requests == again.operations[PHOTO].requests


def test_people_load_the_pictures_they_are_shown_and_stay_logged_in(target: Target) -> None:
    load = load_for(target, users=8, seconds=3, think=0.05, checks=0)
    record = stress(target, load)[0]
    assert record.load.pictures
    assert record.pictures is not None
    assert record.pictures.requests > 20
    assert record.pictures.failures == {}
    assert len(target.logins.valid_for(60)) >= 7
    logged_in = int(target.cluster.sql("postgres", COUNT_SESSIONS)[0][0])
    moderate = load_for(target, users=6, seconds=2, profile="moderate", think=0.05, checks=0)
    again = stress(target, replace(moderate, mix={SESSION: 1}))[0]
    assert again.operations[SESSION].failures == {}
    # One for whoever looks which photos are popular; nobody else logs in.
    more = int(target.cluster.sql("postgres", COUNT_SESSIONS)[0][0]) - logged_in
    assert 1 <= more <= 3


def test_a_search_raises_the_number_of_people(target: Target) -> None:
    load = load_for(target, users=1, seconds=1, profile="reads", think=0.1)
    record = breaking(target, load, steps=(1, 2))
    assert [step.users for step in record.steps] == [1, 2]
    assert "held all of them" in record.notes[0]


def test_a_killed_instance_costs_what_was_declared_and_loses_nothing(target: Target) -> None:
    row = next(each for each in for_stage(3) if each.fault == "instance killed")
    result = drill(target, row, times=(1, 1, 2), people=10).drills[0]
    assert result.sent > 30
    assert (result.stale, result.wrong, result.lost, result.doubled) == (0, 0, 0, 0)
    assert result.as_expected, result.observed


def test_a_stage_in_order_has_no_problem_and_a_visit_leaves_nothing_that_is_seen(
    target: Target,
) -> None:
    before = people_of(target)
    assert problems(target) == []
    assert people_of(target) == before


def test_a_diagnosis_finds_an_instance_that_fails(target: Target) -> None:
    target.cluster.kill("web2")
    found = problems(target)
    assert any(problem.startswith("web2:") for problem in found)
    assert any(problem.startswith("web2 is ready:") for problem in found)


@contextmanager
def dropped(cluster: Cluster) -> Iterator[None]:
    """Take the index of the feed away, and bring it back."""
    cluster.sql("postgres", f"ALTER TABLE social_feedentry DROP CONSTRAINT {FEED_KEY}")
    try:
        yield
    finally:
        cluster.sql(
            "postgres",
            f"ALTER TABLE social_feedentry ADD CONSTRAINT {FEED_KEY}"
            " PRIMARY KEY (owner_id, photo_id)",
        )


def test_a_diagnosis_finds_a_dropped_index_of_the_feed(target: Target) -> None:
    with dropped(target.cluster):
        found = problems(target)
    assert any("social_feedentry" in problem for problem in found)
