"""The floor as a contestant: gunicorn with an application that does nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from infra.lab.bench import rows
from infra.lab.bench.contestants import GUNICORN, Statements
from infra.lab.bench.cpu import cpu_seconds
from infra.lab.bench.server import Server, environment, serving
from infra.lab.bench.wrk import Request
from infra.project import free_port

APPLICATION = "infra.lab.bench.floor:application"


@dataclass(frozen=True)
class FloorSite:
    """The running server, which has one row only."""

    server: Server
    label: str = "floor"

    @property
    def port(self) -> int:
        """Its port."""
        return self.server.port

    def requests(self, row: rows.Row, _dice: Random) -> list[Request]:
        """Return the one request of the floor's own row, and none for others."""
        return [Request("GET", "/")] if row is rows.FLOOR else []

    def cpu(self) -> dict[str, float]:
        """Return the CPU seconds of gunicorn so far."""
        return cpu_seconds({GUNICORN: [self.server.pid]})

    def statements(self) -> Statements | None:
        """Return nothing: it has no database."""
        return None

    def is_done(self, _accepted: Sequence[str]) -> bool:
        """Tell that all work is done: it accepts none for later."""
        return True


@contextmanager
def floor_site() -> Iterator[FloorSite]:
    """Serve the floor for the body of the ``with``.

    Raises ``RuntimeError`` if it does not start.
    """
    with serving(environment(Path(), free_port()), APPLICATION, "/") as server:
        yield FloorSite(server)
