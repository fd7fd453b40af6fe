"""Figures become tables: medians, ratios, goals, and their place in the document."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.lab.bench.contestants import Statements
from infra.lab.bench.measuring import Cell, Cells, Extent, Sample
from infra.lab.bench.rows import FEED, FOLLOW, PHOTO, PROFILE, Row, selected
from infra.lab.bench.table import NoPlace, Run, comparison, markdown, markers, servers, write


def cell(*costs: float, statements: Statements | None = None) -> Cell:
    """Return a cell with one sample for each cost, half of it gunicorn's and half PostgreSQL's."""
    samples = [
        Sample({"gunicorn": cost / 2, "PostgreSQL": cost / 2}, statements, 1200.4, 2.5, 30)
        for cost in costs
    ]
    return Cell(samples)


def run_of(cells: Cells, *rows: Row) -> Run:
    labels = list(dict.fromkeys(label for label, _ in cells))
    return Run(2, labels, cells, Extent(rows=rows), "How it was measured.", ["A note."])


@pytest.fixture
def run() -> Run:
    """Return a run of three rows and two contestants, of which one lacks a row."""
    cells: Cells = {
        ("here", FEED.name): cell(0.5, 0.9, 0.6, statements=Statements(1, 0)),
        ("here", FOLLOW.name): cell(4, statements=Statements(12.25, 2.5)),
        ("here", PHOTO.name): cell(0.25),
        ("old", FEED.name): cell(1.2),
        ("old", FOLLOW.name): cell(12.5),
        ("old", PHOTO.name): Cell(missing="GET /x answered 404"),
    }
    return run_of(cells, FEED, FOLLOW, PHOTO)


def test_the_comparison_has_medians_goals_and_ratios_to_the_first(run: Run) -> None:
    assert list(comparison(run)) == [
        "| CPU ms per request | here | goal | old | × |",
        "|---|---:|---:|---:|---:|",
        "| home feed, 20 photos | 0.600 | 0.69 ✅ | 1.20 | 2.00 |",
        "| follow and unfollow | 4.00 | 2.5 ❌ | 12.5 | 3.12 |",
        "| one photo | 0.250 | – | – | – |",
    ]


def test_the_servers_have_their_shares_and_what_was_counted(run: Run) -> None:
    lines = list(servers(run))
    assert lines[0].startswith("| CPU ms per request | all | range | gunicorn | PostgreSQL | ")
    assert lines[2] == (
        "| home feed, 20 photos | 0.600 | 0.500 to 0.900 | 0.300 | 0.300 | 1.0 | – | 0.0 | 1,200 "
        "| 2.5 | 30.0 |"
    )
    assert "| 12.2 | 10 ❌ | 2.5 |" in lines[3]
    assert {line.count("|") for line in lines} == {lines[0].count("|")}


def test_what_could_not_be_measured_is_told_once_with_its_reason(run: Run) -> None:
    told = markdown(run)
    assert "- old, one photo: not measured, GET /x answered 404." in told
    assert "- A note." in told
    assert told.startswith("How it was measured.\n\n| CPU ms")


def test_a_row_that_the_first_contestant_lacks_has_no_line() -> None:
    cells: Cells = {("here", PROFILE.name): Cell(missing="not there")}
    assert PROFILE.name not in markdown(run_of(cells, PROFILE))


def test_the_table_replaces_what_stood_between_its_markers(run: Run, tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    start, end = markers(2)
    document.write_text(f"Before\n{start}\nold figures\n{end}\nAfter\n")
    write(run, document)
    write(run, document)
    assert document.read_text() == f"Before\n{start}\n{markdown(run)}\n{end}\nAfter\n"


@pytest.mark.parametrize("text", ["", markers(2)[0], markers(5)[0] + markers(5)[1]])
def test_a_document_without_the_markers_is_left_alone(run: Run, tmp_path: Path, text: str) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text(text)
    with pytest.raises(NoPlace, match="between"):
        write(run, document)
    assert document.read_text() == text


def test_the_floor_is_always_measured() -> None:
    assert [row.name for row in selected(["follow"])] == [
        "floor: bare WSGI application",
        "follow and unfollow",
    ]


def test_the_document_has_a_place_for_stages_2_and_5() -> None:
    text = Path(__file__).parents[4].joinpath("docs/benchmarks.md").read_text()
    assert all(marker in text for stage in (2, 5) for marker in markers(stage))
