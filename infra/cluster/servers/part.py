"""What a part of a cluster is: how it starts, how one sees that it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from socket import AF_UNIX, SOCK_STREAM, socket


def nothing() -> None:
    """Do nothing: most parts need no preparation."""


@dataclass(frozen=True)
class Part:
    """A process (with its children) of a stage."""

    name: str
    role: str
    where: str  # its port or socket, as status shows it
    command: list[str]
    env: Mapping[str, str] = field(repr=False)
    answers: Callable[[], bool]
    needs: tuple[str, ...] = ()
    user: str | None = None
    # It listens nowhere: it is up if it still lives after so many seconds.
    patience: float = 0
    prepare: Callable[[], None] = nothing
    settle: Callable[[], None] = nothing

    @property
    def socket(self) -> str:
        """The path of its socket, or nothing if it listens on a port."""
        return self.where if self.where.startswith("/") else ""


@dataclass(frozen=True)
class Step:
    """Something that is done once during the start and leaves no process."""

    name: str
    run: Callable[[], None]
    needs: tuple[str, ...] = ()


def http_status(where: str, path: str, host: str, timeout: float = 5) -> int:
    """Return the status of a GET to a port on loopback or to a socket; 0 if nothing answers."""
    line: HTTPConnection
    if where.startswith("/"):
        line = _SocketConnection(where, timeout)
    else:
        line = HTTPConnection("127.0.0.1", int(where), timeout=timeout)
    try:
        line.request("GET", path, headers={"Host": host})
        response = line.getresponse()
        response.read()
    except (OSError, HTTPException):
        return 0
    else:
        return response.status
    finally:
        line.close()


class _SocketConnection(HTTPConnection):
    """HTTP over a socket of this machine."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket(AF_UNIX, SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
