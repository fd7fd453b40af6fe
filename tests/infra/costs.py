"""Send requests over one connection and read what they cost the servers."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any, Protocol

from infra.cluster import Cluster
from infra.lab.bench.contestants import GUNICORN, POSTGRESQL, kind_of
from infra.lab.bench.cpu import cpu_seconds

WARM_UP = 100
# What a figure is made of: what nginx, Redis, worker and keeper need is not what is compared.
COUNTED = (GUNICORN, POSTGRESQL)


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
                stack.enter_context(
                    closing(HTTPConnection("127.0.0.1", self.site.port, timeout=30))
                )
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


@dataclass(frozen=True)
class ClusterSite:
    """A running cluster of Stages 2 to 5, as a site whose CPU time can be asked for."""

    cluster: Cluster

    @property
    def port(self) -> int:
        """The port of its front."""
        return self.cluster.port

    def cpu_seconds(self) -> dict[str, float]:
        """Return the CPU time that each kind of server has used so far."""
        roots: dict[str, list[int]] = {}
        for part in self.cluster.parts:
            roots.setdefault(kind_of(part.name), []).append(self.cluster.part(part.name).pid)
        return cpu_seconds(roots)


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
