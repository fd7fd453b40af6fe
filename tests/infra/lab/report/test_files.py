"""The document is made from records alone: the same bytes, no empty table, nothing hidden."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from xml.dom.minidom import parseString

import pytest

from infra.lab.records import GeneratorUsage, Load
from infra.lab.records.storage import RECORDS, load_all, store
from infra.lab.report.files import files, write
from infra.project import PROJECT
from tests.infra.lab.synthetic import full_set, operation, record

pytestmark = pytest.mark.slow
SECTIONS = (
    "Overview",
    "Testing Methodology",
    "Targets",
    "Stage 1: Single Server Architecture",
    "Configuration",
    "Comprehensive Stress Test",
    "Operation Latencies",
    "Failure Analysis",
    "Breaking Points",
    "Root Cause Analysis",
    "Key Insights",
    "Stage 2: Database Separation (PostgreSQL)",
    "Stage 3: Load Balancer (NGINX)",
    "Stage 4: Database Replication",
    "Stage 5: Redis Cache",
    "Expected and Reached",
    "Cache Hit Rates",
    "Progressive Performance Summary",
    "RPS Capability Evolution",
    "Error Rate Reduction",
    "Testing Commands Reference",
    "Interview Metrics Cheat Sheet",
    "Growth Multipliers",
    "Fault Drills",
    "Growth on Paper",
    "Scalability Law",
    "What Does Not Count",
)


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return files(full_set())


def row(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(f"| {start} |"))


def test_the_committed_document_is_what_the_committed_records_make() -> None:
    for name, text in files(load_all(RECORDS)).items():
        assert (PROJECT / "docs" / name).read_text() == text, f"{name}: run lab export"


def test_records_that_were_stored_make_the_same_bytes(made: dict[str, str], tmp_path: Path) -> None:
    for one in full_set():
        store(one, tmp_path / "records")
    write(load_all(tmp_path / "records"), tmp_path / "docs")
    for name, text in made.items():
        assert (tmp_path / "docs" / name).read_text() == text


@pytest.mark.parametrize("title", SECTIONS)
def test_every_section_is_there(title: str, made: dict[str, str]) -> None:
    assert re.search(rf"^#+ {re.escape(title)}", made["performance.md"], re.M)


def test_without_records_every_stage_says_so_and_no_table_is_empty() -> None:
    text = files([])["performance.md"]
    assert text.count("Not measured yet: `manage.py lab collect --stage ") == 5
    measured = text.partition("## Stage 1")[2]
    assert measured
    assert "|" not in measured.replace("Stage|", "")


def test_a_stage_without_records_says_so_beside_one_that_has_some() -> None:
    text = files([record(1)])["performance.md"]
    assert "lab collect --stage 2` fills this chapter" in text
    assert "lab collect --stage 1` fills this chapter" not in text
    assert "Stage 2: not measured yet (expected: 150 RPS)" in text


def test_a_table_has_a_row(made: dict[str, str]) -> None:
    lines = made["performance.md"].splitlines()
    for at, line in enumerate(lines):
        if line.startswith("| ---"):
            assert lines[at + 1].startswith("| "), lines[at - 1]


def test_a_missed_target_is_shown_with_its_cause(made: dict[str, str]) -> None:
    text = made["performance.md"].partition("## Stage 3")[2]
    missed = row(text, "Rate of the mix")
    assert "| 500+/s | 310/s | ❌ |" in missed
    assert re.search(r"servers used \d\.\d of 2 cores \(web \d+% of it\)", missed)


def test_too_few_requests_for_a_claim_are_told_in_its_row() -> None:
    few = record(5, load=record().load.__class__(users=9, duration=5, profile="reads"))
    few = few.__class__(**{**vars(few), "totals": operation(2.0, "all", 9_000)})
    text = files([few])["performance.md"]
    errors = row(text.partition("## Stage 5")[2], "Error rate")
    assert "⚠️" in errors
    assert "0 of 9,000; at most 0.0333 %" in errors
    assert "below 0.01 % needs 30,000 clean requests in a row" in errors


def test_runs_that_repeat_each_other_are_judged_together() -> None:
    runs = [record(3, rate=rate, seed=seed) for seed, rate in ((1, 490), (2, 530))]
    text = files(runs)["performance.md"].partition("## Stage 3")[2]
    assert "| 510/s (mean of 2 runs, 490 to 530) | ✅ |" in row(text, "Rate of the mix")
    load = Load(users=9, duration=60, profile="reads")
    clean = [
        record(5, seed=seed, load=load, totals=operation(2.0, "all", 20_000)) for seed in (1, 2)
    ]
    errors = row(files(clean)["performance.md"].partition("## Stage 5")[2], "Error rate")
    assert "0 of 40,000 in 2 runs; at most 0.0075 %" in errors
    assert "✅" in errors


def test_latencies_under_different_loads_are_not_judged() -> None:
    loads = [Load(users=users, duration=60) for users in (500, 1000)]
    runs = [record(stage, load=load) for stage, load in zip((3, 4), loads, strict=True)]
    text = files(runs)["performance.md"].partition("## Stage 4")[2]
    assert "| ⚠️ | 500 people before, 1,000 now" in row(text, "Write performance (ms)")


def test_what_was_found_again_in_all_runs_is_one_sentence() -> None:
    again = "{} acknowledged acts were looked up again: {} lost, 0 doubled, 0 miscounted, "
    notes = [again.format(*numbers) + "0 unanswered." for numbers in ((40, 0), (2, 0), (30, 1))]
    notes.append("primary killed: picture: 503: <!doctype html>\n<html>")
    runs = [record(1, seed=seed, notes=(note,)) for seed, note in enumerate(notes, 1)]
    text = files(runs)["performance.md"]
    assert text.count("primary killed: picture: 503: a page\n") == 1
    assert "42 acknowledged acts were looked up again: all were there, once." in text
    assert "30 acknowledged acts were looked up again: 1 lost" in text


def test_a_run_whose_generator_was_the_limit_reaches_nothing() -> None:
    void = record(
        1, rate=900, generator=GeneratorUsage(0.98, limit=True), void="generator was busy"
    )
    text = files([void])["performance.md"]
    assert "| 900/s | ⚠️ | void: generator was busy |" in row(text, "Rate of the mix")
    assert f"| {void.name} | stress | void: generator was busy |" in text


def test_a_void_run_stands_in_the_table_and_a_sound_one_for_the_stage() -> None:
    void = record(1, seed=5, rate=900, void="generator was busy")
    text = files([record(1, rate=140), void])["performance.md"]
    assert "| 140/s | ✅ |" in row(text, "Rate of the mix")
    assert "void: generator was busy" in row(text, void.name)


def test_a_machine_that_others_used_is_told_as_the_cause() -> None:
    note = "Other processes took 40% of the machine: the figures are too low."
    text = files([record(1, rate=50, notes=(note,))])["performance.md"]
    assert "Other processes took 40% of the machine" in row(text, "Rate of the mix")


def test_failures_are_counted_by_cause_and_place() -> None:
    failures = {"timeout": 30, "502": 10}
    slow = operation(8.0, requests=900, failures={"timeout": 30})
    totals = operation(8.0, "all", 9_000, failures=failures)
    text = files([record(1, totals=totals, operations={"feed": slow})])["performance.md"]
    assert "mix: 40 of 9,000 requests failed" in text
    assert "- timeout: 30 (75 % of the failures; feed (30))" in text


def test_writes_are_set_against_reads_and_hashes_explained(made: dict[str, str]) -> None:
    text = made["performance.md"]
    assert "| baseline |" in row(text, "feed")
    assert "| 7.5x slower |" in row(text, "register¹")
    assert "costs a password hash" in text


def test_a_drill_that_lost_something_is_marked(made: dict[str, str]) -> None:
    lost = row(made["performance.md"].partition("## Fault Drills")[2], "4")
    assert "| kill the primary | 9,000 | 0 | 0 | 0 | 2 |" in lost
    assert lost.endswith("| ❌ |")


def test_pictures_are_svg_without_date_and_shown(made: dict[str, str]) -> None:
    pictures = {name for name in made if name.endswith(".svg")}
    shown = set(re.findall(r"!\[[^]]+\]\((performance/\w+\.svg)\)", made["performance.md"]))
    assert shown == pictures
    assert len(pictures) == 6
    for name in pictures:
        assert parseString(made[name]).getElementsByTagName("svg")  # noqa: S318 - our own
        assert "<dc:date>" not in made[name]


def test_the_report_is_one_file_that_asks_nobody(made: dict[str, str]) -> None:
    text = made["performance/report.html"]
    assert text.count("<svg ") == 6
    assert not re.search(r"(?:src|href|action)=\"(?!#)", text)
    assert not re.search(r"url\((?!#)", text)
    assert "@import" not in text
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_the_report_names_its_pictures_and_escapes_text() -> None:
    noted = record(1, notes=("<script>alert(1)</script>",))
    text = files([noted])["performance/report.html"]
    assert "<script>" not in text
    assert 'aria-label="Rate of each stage against its target"' in text


def test_figures_come_as_csv_and_tables_as_json(made: dict[str, str]) -> None:
    lines = list(csv.DictReader(made["performance/figures.csv"].splitlines()))
    rates = [line for line in lines if line["figure"] == "rate" and line["stage"] == "3"]
    assert float(rates[0]["value"]) == 310.0
    tables = json.loads(made["performance/tables.json"])["tables"]
    breaking = next(one for one in tables if one["under"][-1] == "Breaking Points")
    assert breaking["rows"][2]["Error Types"] == "Timeout (1,000)"


def test_pictures_of_older_exports_are_removed(tmp_path: Path) -> None:
    (tmp_path / "performance").mkdir()
    (tmp_path / "performance/scaling.svg").write_text("<svg/>")
    write([record(1)], tmp_path)
    assert not (tmp_path / "performance/scaling.svg").exists()
    assert (tmp_path / "performance/rates.svg").exists()
