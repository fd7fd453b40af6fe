"""The table of fault drills."""

from __future__ import annotations

from infra.lab.analysis.criteria import AllStages
from infra.lab.analysis.formatting import fixed
from infra.lab.analysis.judgement import NO, YES
from infra.lab.report.blocks import Block, Heading, Text
from infra.lab.report.tables import Table

HEADINGS = (
    "Stage",
    "Fault",
    "Sent",
    "Failed",
    "Stale",
    "Wrong",
    "Lost",
    "Doubled",
    "Recovered in",
    "Expected",
    "Observed",
    "",
)


def section(all_stages: AllStages) -> list[Block]:
    """Return the newest drill of each fault of each stage."""
    rows = tuple(
        (
            str(stage.number),
            drill.fault,
            f"{drill.sent:,}",
            f"{drill.failed:,}",
            f"{drill.stale:,}",
            f"{drill.wrong:,}",
            f"{drill.lost:,}",
            f"{drill.doubled:,}",
            "not while watched"
            if drill.recovery_seconds is None
            else f"{fixed(drill.recovery_seconds, 1)} s",
            drill.expected,
            drill.observed,
            YES if drill.as_expected else NO,
        )
        for stage in all_stages
        for drill, _ in stage.drills
    )
    heading = Heading(2, "Fault Drills")
    if not rows:
        return [heading, Text("Not measured yet: `manage.py lab drill` runs them.")]
    said = (
        "Load runs while the fault is made. Lost and doubled are acknowledged likes, follows and "
        "photos that are missing or there twice at the end. Records: "
    )
    names = sorted({record.name for stage in all_stages for _, record in stage.drills})
    return [
        heading,
        Table(HEADINGS, rows, numbers=len(HEADINGS)),
        Text(said + ", ".join(names) + "."),
    ]
