"""The whole document, in the order of the seed's."""

from __future__ import annotations

from infra.lab.analysis.stage_records import stages
from infra.lab.records import Record
from infra.lab.report import drills, growth, methodology, stage, summary
from infra.lab.report.blocks import Block, Heading, Plot, Text
from infra.lab.report.methodology import records_days


def document(records: list[Record], plots: set[str]) -> list[Block]:
    """Return all blocks; plots that could not be drawn are left out."""
    book = stages(records)
    blocks: list[Block] = [
        Heading(1, "MiniGram Performance Metrics Tracking"),
        Heading(2, "Overview"),
        *methodology.overview(records),
        *methodology.methodology(),
        *(block for one in book for block in stage.chapter(one, book)),
        *summary.section(book),
        *drills.section(book),
        *growth.section(records),
        *methodology.honesty(book, records),
        *methodology.commands(),
        *summary.cheat_sheet(book),
        Text(f"*Last test: {records_days(records)}*" if records else "*Not tested yet*"),
    ]
    return [block for block in blocks if not isinstance(block, Plot) or block.name in plots]
