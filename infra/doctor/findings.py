"""What a diagnosis finds: one row for each check."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

State = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """One check: its state, and what to do if that is not "ok"."""

    area: str
    what: str
    state: State
    detail: str = ""
    advice: str = ""
    milliseconds: float | None = None


@dataclass
class Findings:
    """The rows of a diagnosis, in the order of its checks."""

    rows: list[Finding] = field(default_factory=list)

    def ok(self, area: str, what: str, detail: str = "", milliseconds: float | None = None) -> None:
        """Add a row of state "ok"."""
        self.rows.append(Finding(area, what, "ok", detail, "", milliseconds))

    def warn(self, area: str, what: str, detail: str, advice: str) -> None:
        """Add a row of state "warning": it works and should be looked at."""
        self.rows.append(Finding(area, what, "warning", detail, advice))

    def fail(self, area: str, what: str, detail: str, advice: str) -> None:
        """Add a row of state "problem": it does not work."""
        self.rows.append(Finding(area, what, "problem", detail, advice))

    @contextmanager
    def checking(self, area: str, what: str, advice: str) -> Iterator[CheckDetail]:
        """Time a check; an exception of any kind in the body becomes a problem with this advice.

        The body may set ``detail`` of the value it is given; a row is added in any case.
        """
        look = CheckDetail()
        began = time.perf_counter()
        try:
            yield look
        except Exception as error:  # noqa: BLE001 - a diagnosis reports whatever it meets
            reason = str(error).strip().splitlines()
            self.fail(area, what, reason[0] if reason else type(error).__name__, advice)
            return
        self.ok(area, what, look.detail, round((time.perf_counter() - began) * 1000, 1))

    @property
    def problems(self) -> int:
        """Number of problems: what does not work."""
        return sum(row.state == "problem" for row in self.rows)

    @property
    def warnings(self) -> int:
        """Number of warnings: what works and should be looked at."""
        return sum(row.state == "warning" for row in self.rows)

    def to_json(self) -> list[dict[str, Any]]:
        """Return all rows as JSON can hold them."""
        return [asdict(row) for row in self.rows]

    def extend(self, rows: list[dict[str, Any]]) -> None:
        """Add rows that another process has found."""
        self.rows += [Finding(**row) for row in rows]


@dataclass
class CheckDetail:
    """What a check adds to its row if it goes well."""

    detail: str = ""
