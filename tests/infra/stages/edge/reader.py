"""Readers in front of the edge: each asks nginx, and can be told what Django answers."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, NamedTuple, Self

import httpx

from infra.cluster import Cluster
from tests.infra.stages.clients import App, until
from tests.infra.stages.conftest import PASSWORD

_OUTCOME = re.compile(r'^minigram_edge_requests_total\{outcome="(\w+)"\} (\d+)$', re.MULTILINE)


class Answer(NamedTuple):
    """What a client gets, without what is each answer's own: its id and its date."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Reader(App):
    """Somebody with a mobile client, over a connection of its own to nginx."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster)
        self._cluster = cluster
        self.line = self.connect()

    def connect(self) -> httpx.Client:
        """Return a new connection to nginx. Bodies are not compressed: lengths are compared."""
        return httpx.Client(
            base_url=self._cluster.url,
            headers={"Accept-Encoding": "identity"},
            trust_env=False,
            timeout=30,
        )

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send one request, by nginx. No cookie that a page has set goes along."""
        self.line.cookies.clear()
        return self.line.request(method, path, **options)

    def log_in(self, name: str, password: str = PASSWORD) -> Self:
        """Get a token."""
        self.headers, self.name = {}, name
        answer = self.call("POST", "auth/token/", json={"username": name, "password": password})
        assert answer.status_code == 200, answer.text
        tokens = answer.json()
        self.headers["Authorization"] = f"Bearer {tokens['access']}"
        self.refresh = str(tokens["refresh"])
        return self

    def get(self, path: str, **headers: str) -> Answer:
        """Return what the site answers below ``/api/v1/``."""
        response = self.send("GET", f"/api/v1/{path}", headers={**self.headers, **headers})
        return answer_of(response)

    def ordinary(self, path: str, **headers: str) -> Answer:
        """Return what Django answers: a request with a cookie is left to it by all before it."""
        return self.get(path, **headers, Cookie="theme=dark")

    def hits(self, path: str) -> bool:
        """Ask once; tell whether the edge has answered. Nobody else may ask meanwhile."""
        before = outcomes(self.line)["hit"]
        self.get(path)
        return outcomes(self.line)["hit"] == before + 1

    def warm(self, *paths: str) -> None:
        """Ask until the edge answers each of these, twice: nginx may have a worker that has not."""
        for path in paths:
            until(lambda path=path: self.hits(path) and self.hits(path), 120)  # type: ignore[misc]

    def __exit__(self, *error: object) -> None:
        self.line.close()
        super().__exit__(*error)


def answer_of(response: httpx.Response) -> Answer:
    """Return status, headers and body of a response."""
    own = {"date", "x-request-id", "connection", "server"}
    headers = [pair for pair in response.headers.multi_items() if pair[0] not in own]
    return Answer(response.status_code, sorted(headers), response.content)


def outcomes(line: httpx.Client) -> Counter[str]:
    """Return how many requests the edge has answered ("hit") or left to an instance, and why."""
    found = _OUTCOME.findall(line.get("/metrics/edge").text)
    return Counter({outcome: int(number) for outcome, number in found})
