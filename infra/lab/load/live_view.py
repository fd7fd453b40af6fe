"""Progress of a run: a table that is drawn anew on a terminal, lines in a log."""

from __future__ import annotations

import time
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from infra.lab.load.spec import LoadSpec

PHASES = {
    "ramp": "people arrive",
    "run": "measuring",
    "drain": "waiting for the last answers",
    "check": "looking everything up again",
}
LINE_EVERY = 5  # seconds, where the output is no terminal


class ProgressView:
    """Shows one run. Drawing twice a second costs about 3 ms each."""

    def __init__(self, title: str, load: LoadSpec, console: Console) -> None:
        self.title = title
        self.load = load
        self.console = console
        self.failed = 0.0
        self.requests = 0.0
        self._last_line = 0.0
        self._live: Live | None = None

    def __enter__(self) -> ProgressView:
        """Begin to draw where there is a terminal."""
        if self.console.is_terminal:
            self._live = Live(console=self.console, auto_refresh=False, transient=True)
            self._live.__enter__()
        return self

    def __exit__(self, *details: Any) -> None:
        """Remove the table from the terminal."""
        if self._live:
            self._live.__exit__(*details)

    def show(self, line: dict[str, Any]) -> None:
        """Show one line of the generator: phase, users, second, cpu, rate, failed and p95."""
        if line["phase"] == "run":
            self.requests += line["rate"]
            self.failed += line["failed"]
        if self._live:
            self._live.update(self._table(line), refresh=True)
        elif time.monotonic() - self._last_line > LINE_EVERY:
            self._last_line = time.monotonic()
            self.console.print(self._text(line), highlight=False, soft_wrap=True)

    def _remaining(self, line: dict[str, Any]) -> str:
        if line["phase"] == "ramp":
            left = (self.load.users - line["users"]) / self.load.ramp + self.load.seconds
        elif line["phase"] == "run":
            left = max(0.0, self.load.seconds - line["second"])
        else:
            return "nearly done"
        return f"about {left:.0f} s left"

    def _text(self, line: dict[str, Any]) -> str:
        return (
            f"{self.title}: {PHASES[line['phase']]}, {line['users']} of {self.load.users} people, "
            f"{line['rate']} requests/s, {self.failed:.0f} of {self.requests:.0f} failed, "
            f"p95 {line['p95']:.0f} ms, {self._remaining(line)}"
        )

    def _table(self, line: dict[str, Any]) -> Table:
        table = Table(title=f"{self.title}   (Ctrl-C ends it and keeps what was measured)")
        for heading in ("", "people", "requests/s", "failed", "p95", "generator CPU", "time"):
            table.add_column(heading, justify="right")
        table.add_row(
            PHASES[line["phase"]],
            f"{line['users']} of {self.load.users}",
            str(line["rate"]),
            f"{self.failed:.0f} of {self.requests:.0f}",
            f"{line['p95']:.0f} ms",
            f"{line['cpu']:.0%} of a core",
            self._remaining(line),
        )
        return table
