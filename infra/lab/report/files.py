"""Everything that an export writes, first as text by the name of its file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

from infra.lab.analysis.formatting import stable
from infra.lab.analysis.metrics import all_metrics
from infra.lab.analysis.stage_records import stages
from infra.lab.records import Record
from infra.lab.records.selection import current
from infra.lab.records.storage import in_order
from infra.lab.report.blocks import Block, Heading, markdown
from infra.lab.report.document import document
from infra.lab.report.page import page
from infra.lab.report.plots import all_plots
from infra.lab.report.tables import Table

DOCUMENT = "performance.md"
BESIDE = "performance"


def files(records: list[Record]) -> dict[str, str]:
    """Return the text of every file, by its path below docs/. Equal records make equal bytes.

    Superseded records (``records.selection.current``) change nothing. Costs a few
    seconds, most of it for plots and fits.
    """
    records = in_order(current(records))
    plots = all_plots(stages(records), records)
    blocks = document(records, set(plots))
    return {
        DOCUMENT: markdown(blocks, BESIDE),
        f"{BESIDE}/report.html": page(blocks, plots),
        f"{BESIDE}/figures.csv": _csv(records),
        f"{BESIDE}/tables.json": _json(blocks, records),
        **{f"{BESIDE}/{name}.svg": svg for name, svg in plots.items()},
    }


def write(records: list[Record], docs: Path) -> list[Path]:
    """Write the files below ``docs``, remove pictures of older exports, return the paths."""
    made = files(records)
    for old in (docs / BESIDE).glob("*.svg"):
        if f"{BESIDE}/{old.name}" not in made:
            old.unlink()
    written = []
    for name, text in made.items():
        path = docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def _csv(records: list[Record]) -> str:
    """Return every figure of every record, one a line."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(["record", "stage", "kind", "profile", "void", "figure", "unit", "value"])
    for record in records:
        about = [record.name, record.stage, record.kind, record.load.profile, record.void]
        lines.writerows([*about, *figure] for figure in _figures(record))
    return out.getvalue()


def _figures(record: Record) -> Iterator[tuple[str, str, float]]:
    yield "requests", "", record.totals.requests
    yield "failed", "", record.totals.failed
    for metric in all_metrics([record]):
        value = metric.value(record)
        if value is not None:
            yield metric.name, metric.unit, stable(value)


def _json(blocks: list[Block], records: list[Record]) -> str:
    """Return every table of the document with the headings it stands under."""
    tables, under = [], ["", "", "", ""]
    for block in blocks:
        if isinstance(block, Heading):
            under[block.level - 1 :] = [block.text, *[""] * (4 - block.level)]
        elif isinstance(block, Table):
            rows = [dict(zip(block.headings, row, strict=True)) for row in block.rows]
            tables.append({"under": [text for text in under[1:] if text], "rows": rows})
    made = {"records": [record.name for record in records], "tables": tables}
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"
