"""A small real server on loopback, for tests of what asks and measures servers."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

from infra.lab.bench.contestants import Statements
from infra.lab.bench.cpu import cpu_seconds
from infra.lab.bench.rows import Row
from infra.lab.bench.wrk import Request


@dataclass
class SmallSite:
    """A site in this process, which remembers what it was asked. ``paths`` may be asked for."""

    label: str
    port: int
    asked: list[str] = field(default_factory=list)
    paths: Sequence[str] = ("/a",)
    turns: list[str] = field(default_factory=list)

    def requests(self, _row: Row, _dice: Random) -> list[Request]:
        self.turns.append(self.label)
        return [Request("GET", path) for path in self.paths]

    def cpu(self) -> dict[str, float]:
        return cpu_seconds({"site": [os.getpid()]})

    def statements(self) -> Statements | None:
        return Statements(2 * len(self.asked), len(self.asked))

    def is_done(self, _accepted: Sequence[str]) -> bool:
        return True


@contextmanager
def small_site(label: str = "small") -> Iterator[SmallSite]:
    """Serve until the body of the ``with`` ends.

    What lies below ``/missing`` is not there, and ``/takes-two-seconds`` does.
    """
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append(f"{self.command} {self.path} {body.decode()}".strip())
            if self.path == "/takes-two-seconds":
                time.sleep(2)
            status = 404 if self.path.startswith("/missing") else 200
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    for method in ("GET", "PUT", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield SmallSite(label, server.server_address[1], asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
