"""The figures of wrk are read rightly."""

from __future__ import annotations

from infra.lab.measure.ceiling import row_of as ceiling_row


def test_figures_of_wrk_become_an_operation() -> None:
    microseconds = [500, 700, 900, 1000, 2000, 4000, 600]
    row = ceiling_row([1000, 2_000_000, 9000, 1, 2, 3, 5000, *microseconds])
    assert row["failures"] == {"refused": 1, "status": 2, "timeout": 3}
    assert (row["rate"], row["p50"], row["max"], row["mean"]) == (499, 0.5, 5, 0.6)
