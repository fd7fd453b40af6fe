"""The whole document, in the order of its chapters."""

from __future__ import annotations

from infra.lab.analysis.stage_records import stages
from infra.lab.records import Record
from infra.lab.report import drills, growth, methodology, stage, summary
from infra.lab.report.blocks import Block, Heading, Plot, Text
from infra.lab.report.methodology import records_days


def document(records: list[Record], plots: set[str]) -> list[Block]:
    """Return all blocks; plots that could not be drawn are left out."""
    all_stages = stages(records)
    blocks: list[Block] = [
        Heading(1, "MiniGram Performance Metrics Tracking"),
        Heading(2, "Overview"),
        *methodology.overview(records),
        *methodology.methodology(),
        *methodology.targets(),
        *(block for one in all_stages for block in stage.chapter(one, all_stages)),
        *summary.section(all_stages),
        *drills.section(all_stages),
        *growth.section(records),
        *methodology.honesty(all_stages, records),
        *methodology.commands(),
        *summary.cheat_sheet(all_stages),
        Text(f"*Last test: {records_days(records)}*" if records else "*Not tested yet*"),
    ]
    return [block for block in blocks if not isinstance(block, Plot) or block.name in plots]
