"""Send requests over one connection and read what they cost the servers."""

from __future__ import annotations

import json
import socket
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from statistics import median
from typing import Any, Protocol

WARM_UP = 100
# What a figure is made of; the others (nginx, Redis) are shown beside it.
COUNTED = ("gunicorn", "database")


class MeasuredSite(Protocol):
    """A site on loopback whose servers can be asked for the CPU time that they have used."""

    @property
    def port(self) -> int:
        """Its port on loopback."""

    def cpu_seconds(self) -> dict[str, float]:
        """Return the CPU time used so far, by kind of server."""


@dataclass
class Case:
    """One kind of request, and what it has cost round by round."""

    name: str
    site: MeasuredSite
    request: Callable[[int], tuple[str, str]]
    headers: dict[str, str] = field(default_factory=dict)
    # How many requests are on their way at once, each on a connection of its own.
    at_once: int = 1
    connect: Callable[[int], HTTPConnection] = field(
        default=lambda port: HTTPConnection("127.0.0.1", port, timeout=30)
    )
    # Microseconds per request by kind of server, one entry for each round.
    costs: list[dict[str, float]] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    @property
    def cpu_us(self) -> list[float]:
        """The microseconds of gunicorn and the database together, round by round."""
        return [sum(cost.get(kind, 0) for kind in COUNTED) for cost in self.costs]

    def measure(self, requests: int) -> None:
        """Send ``requests`` requests and note CPU microseconds and rate.

        Raises ``RuntimeError`` for an answer other than 200 and 204.
        """
        with ExitStack() as stack:
            connections = [
                stack.enter_context(closing(self.connect(self.site.port)))
                for _ in range(self.at_once)
            ]
            self._send(connections, WARM_UP)
            before, began = self.site.cpu_seconds(), time.perf_counter()
            sent = self._send(connections, requests)
            elapsed = time.perf_counter() - began
            used = Counter(self.site.cpu_seconds())
            used.subtract(before)
            self.costs.append({kind: seconds / sent * 1e6 for kind, seconds in used.items()})
            self.rates.append(sent / elapsed)

    def summary(self, floor_us: float) -> dict[str, Any]:
        """Return the medians over the rounds, the range, and the ratio to the floor."""
        kinds = self.costs[0]
        return {
            "operation": self.name,
            "cpu_us": round(median(self.cpu_us)),
            "cpu_us_range": [round(min(self.cpu_us)), round(max(self.cpu_us))],
            "by_server_us": {
                kind: round(median(cost[kind] for cost in self.costs)) for kind in kinds
            },
            "per_second": round(median(self.rates)),
            "times_floor": round(median(self.cpu_us) / floor_us, 1),
        }

    def _send(self, connections: list[HTTPConnection], requests: int) -> int:
        """Send at least ``requests`` requests; return how many."""
        sent = 0
        while sent < requests:
            asked = [self.request(sent + number) for number in range(len(connections))]
            for connection, (method, path) in zip(connections, asked, strict=True):
                connection.request(method, path, headers=self.headers)
            for connection, (method, path) in zip(connections, asked, strict=True):
                response = connection.getresponse()
                response.read()
                if response.status not in {200, 204}:
                    raise RuntimeError(f"{method} {path} answered {response.status}.")
            sent += len(connections)
        return sent


class UnixConnection(HTTPConnection):
    """A connection to a server that listens on a unix socket."""

    def __init__(self, path: str) -> None:
        """Take the path of the socket; it is opened by ``connect``."""
        super().__init__("127.0.0.1", timeout=30)
        self._path = path

    def connect(self) -> None:
        """Open the socket; raises ``OSError`` if no server listens."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def call(
    site: MeasuredSite, method: str, path: str, body: Any = None, token: str = ""
) -> dict[str, Any]:
    """Make one API call and return its JSON.

    Raises ``RuntimeError`` for a status other than 200 and 201.
    """
    connection = HTTPConnection("127.0.0.1", site.port, timeout=30)
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    content = None if body is None else json.dumps(body)
    connection.request(method, path, content, headers)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    if response.status not in {200, 201}:
        raise RuntimeError(f"{method} {path} answered {response.status}: {answer[:200]!r}")
    return dict(json.loads(answer))


def always(path: str, method: str = "GET") -> Callable[[int], tuple[str, str]]:
    """Return a function that names this request at every call, whatever its number."""
    return lambda _: (method, path)
