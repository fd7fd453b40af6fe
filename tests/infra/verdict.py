"""What became of a load: the one judgement of all tests that break something under it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """What became of the requests of a load: how many, and of what failed, which."""

    sent: int
    failed: int
    stale: int
    lost: int
    failures: Counter[tuple[str, str]]
    missing: list[str]

    def assert_flawless(self, least: int = 50) -> None:
        """Fail unless everything that was sent, at least so much, was answered, new and kept."""
        assert self.failed == 0, self
        self.assert_honest(least)

    def assert_honest(self, least: int = 50) -> None:
        """Fail if something was stale or lost: requests may have failed, and were told so."""
        assert self.sent >= least, self
        assert (self.stale, self.lost) == (0, 0), self
