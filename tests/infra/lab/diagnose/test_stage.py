"""A diagnosis says what is wrong and what to do, and that a stage lacks what makes it one."""

from __future__ import annotations

import pytest

from infra.doctor.findings import Findings
from infra.lab.diagnose.stage import look_at_environment

STAGE_5 = {
    "DATABASE_URL": "postgres://one",
    "DATABASE_REPLICA_URLS": "postgres://two,postgres://three",
    "CACHE_URL": "redis:///run/redis.sock",
}


def refuse() -> None:
    raise ConnectionError("refused\nand more")


def test_what_goes_wrong_in_a_look_is_a_problem_with_advice() -> None:
    found = Findings()
    with found.checking("cache", "keeps a value", "Start Redis."):
        refuse()
    assert (found.problems, found.rows[0].detail) == (1, "refused")
    assert found.rows[0].advice == "Start Redis."


def test_what_goes_well_is_timed() -> None:
    found = Findings()
    with found.checking("cache", "keeps a value", "Start Redis.") as look:
        look.detail = "kept"
    assert (found.problems, found.rows[0].detail) == (0, "kept")
    assert found.rows[0].milliseconds is not None


def test_findings_of_another_process_are_added() -> None:
    first, second = Findings(), Findings()
    first.fail("database", "answers", "no", "Start it.")
    second.extend(first.to_json())
    assert second.rows == first.rows


def test_a_stage_with_all_its_parts_is_in_order() -> None:
    found = Findings()
    look_at_environment(found, STAGE_5, 5)
    assert found.problems == 0


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"CACHE_URL": "locmem://"}, "a shared cache"),
        ({"DATABASE_REPLICA_URLS": "postgres://two"}, "two replicas"),
        ({"DATABASE_URL": "sqlite:///db"}, "PostgreSQL"),
    ],
)
def test_a_stage_whose_part_is_switched_off_is_found(change: dict[str, str], what: str) -> None:
    found = Findings()
    look_at_environment(found, STAGE_5 | change, 5)
    assert [row.what for row in found.rows if row.state == "problem"] == [what]
