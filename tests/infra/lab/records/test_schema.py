"""A step knows whether it is past the breaking point."""

from __future__ import annotations

from typing import Any

from infra.lab.records import Step


def test_a_stage_breaks_by_failures_or_by_slowness() -> None:
    good: dict[str, Any] = {"users": 1, "requests": 100, "rate": 1.0, "p50": 1.0}
    assert not Step(**good, p95=500.0, failures={"503": 1}).broken
    assert Step(**good, p95=501.0).broken
    assert Step(**good, p95=1.0, failures={"503": 2}).broken
