"""The whole document, in the order of the seed's."""

from __future__ import annotations

from infra.lab.export import faults, method, paper, stage, summary
from infra.lab.export.blocks import Block, Heading, Plot, Text
from infra.lab.export.book import stages
from infra.lab.export.method import records_days
from infra.lab.records import Record


def document(records: list[Record], plots: set[str]) -> list[Block]:
    """Return all blocks; plots that could not be drawn are left out."""
    book = stages(records)
    blocks: list[Block] = [
        Heading(1, "MiniGram Performance Metrics Tracking"),
        Heading(2, "Overview"),
        *method.overview(records),
        *method.methodology(),
        *(block for one in book for block in stage.chapter(one, book)),
        *summary.section(book),
        *faults.section(book),
        *paper.section(records),
        *method.honesty(book, records),
        *method.commands(),
        *summary.cheat_sheet(book),
        Text(f"*Last test: {records_days(records)}*" if records else "*Not tested yet*"),
    ]
    return [block for block in blocks if not isinstance(block, Plot) or block.name in plots]
