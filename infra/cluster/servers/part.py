"""What a stage consists of: parts that stay, each a process, and steps that end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


def nothing() -> None:
    """Do nothing: most parts need no preparation."""


@dataclass(frozen=True)
class Part:
    """A server or process of a stage, with its children: how it is started and probed."""

    name: str
    role: str
    # The port on loopback or the path of the socket where it listens, or "-".
    address: str
    command: list[str]
    env: Mapping[str, str] = field(repr=False)
    is_ready: Callable[[], bool]
    depends_on: tuple[str, ...] = ()
    user: str | None = None
    # A part that listens nowhere is ready if it still lives after so many seconds.
    settling_seconds: float = 0
    before_start: Callable[[], None] = nothing
    after_start: Callable[[], None] = nothing

    # What it is now, where that may change while it runs.
    role_now: Callable[[], str] | None = None

    @property
    def socket(self) -> str:
        """The path of its Unix socket; empty if it listens on a port or nowhere."""
        return self.address if self.address.startswith("/") else ""


@dataclass(frozen=True)
class Step:
    """Work that is done once during a start and leaves no process, such as a migration."""

    name: str
    run: Callable[[], None]
    depends_on: tuple[str, ...] = ()
