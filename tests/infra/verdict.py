"""The result of a load, judged in one way by all tests that inject faults under it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """How many requests a load sent, how many failed or were stale, and which writes were lost."""

    sent: int
    failed: int
    stale: int
    lost: int
    failures: Counter[tuple[str, str]]
    missing: list[str]

    def assert_flawless(self, least: int = 50) -> None:
        """Fail unless all requests, ``least`` or more, succeeded and none was stale or lost."""
        assert self.failed == 0, self
        self.assert_honest(least)

    def assert_honest(self, least: int = 50) -> None:
        """Fail if an answer was stale or an acknowledged write lost; requests may have failed."""
        assert self.sent >= least, self
        assert (self.stale, self.lost) == (0, 0), self
