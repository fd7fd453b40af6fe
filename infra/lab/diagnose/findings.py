"""What a diagnosis finds: one row for each thing that was looked at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

State = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """One thing: how it is, and what to do if that is not well."""

    area: str
    what: str
    state: State
    detail: str = ""
    advice: str = ""
    milliseconds: float | None = None


@dataclass
class Findings:
    """Everything that was found, in order."""

    rows: list[Finding] = field(default_factory=list)

    def ok(self, area: str, what: str, detail: str = "", milliseconds: float | None = None) -> None:
        """Note that something is well."""
        self.rows.append(Finding(area, what, "ok", detail, "", milliseconds))

    def warn(self, area: str, what: str, detail: str, advice: str) -> None:
        """Note something that works and should be looked at."""
        self.rows.append(Finding(area, what, "warning", detail, advice))

    def fail(self, area: str, what: str, detail: str, advice: str) -> None:
        """Note something that does not work."""
        self.rows.append(Finding(area, what, "problem", detail, advice))

    @contextmanager
    def looking(self, area: str, what: str, advice: str) -> Iterator[CheckDetail]:
        """Time a look; whatever goes wrong in it is a problem with this advice."""
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
        """How many things do not work."""
        return sum(row.state == "problem" for row in self.rows)

    @property
    def warnings(self) -> int:
        """How many things should be looked at."""
        return sum(row.state == "warning" for row in self.rows)

    def to_json(self) -> list[dict[str, Any]]:
        """Return all rows."""
        return [asdict(row) for row in self.rows]

    def extend(self, rows: list[dict[str, Any]]) -> None:
        """Add rows that another process has found."""
        self.rows += [Finding(**row) for row in rows]


@dataclass
class CheckDetail:
    """What a look tells of itself if it goes well."""

    detail: str = ""


Check = Callable[[Findings], None]
