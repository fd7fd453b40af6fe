"""Send requests over one connection and read what they cost the server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from statistics import median
from typing import Any

from infra.bench.server import Server

WARM_UP = 40


@dataclass
class Operation:
    """One kind of request, and what it has cost round by round."""

    name: str
    server: Server
    request: Callable[[int], tuple[str, str]]
    headers: dict[str, str] = field(default_factory=dict)
    # How many requests are on their way at once, each on a connection of its own.
    at_once: int = 1
    cpu_us: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def measure(self, requests: int) -> None:
        """Send ``requests`` requests and note CPU microseconds and rate."""
        with ExitStack() as stack:
            connections = [
                stack.enter_context(closing(HTTPConnection("127.0.0.1", self.server.port, 30)))
                for _ in range(self.at_once)
            ]
            self._send(connections, WARM_UP)
            cpu, began = self.server.cpu_seconds(), time.perf_counter()
            sent = self._send(connections, requests)
            elapsed = time.perf_counter() - began
            self.cpu_us.append((self.server.cpu_seconds() - cpu) / sent * 1e6)
            self.rates.append(sent / elapsed)

    def summary(self, floor_us: float) -> dict[str, Any]:
        """Return the medians over the rounds, the range, and the ratio to the floor."""
        cpu = median(self.cpu_us)
        return {
            "operation": self.name,
            "cpu_us": round(cpu),
            "cpu_us_range": [round(min(self.cpu_us)), round(max(self.cpu_us))],
            "per_second": round(median(self.rates)),
            "times_floor": round(cpu / floor_us, 1),
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


def call(
    server: Server, method: str, path: str, body: Any = None, token: str = ""
) -> dict[str, Any]:
    """Make one API call and return its JSON; ``RuntimeError`` for anything but success."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
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
    """Return a request that is the same each time."""
    return lambda _: (method, path)
