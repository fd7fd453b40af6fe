"""Three small HTTP servers on Unix sockets, for tests of what nginx does with good and bad ones."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any

SOCKETS = ("web1.sock", "web2.sock", "web3.sock")


@dataclass(frozen=True)
class Request:
    """What reached an instance."""

    instance: str
    method: str
    path: str
    headers: Message[str, str]
    body: bytes


@dataclass
class Instances:
    """What the three of them got, and how each of them behaves."""

    seen: list[Request] = field(default_factory=list)
    # By socket: "answers", "hangs up" (with the request in its hands), "refuses" (503) or "names a
    # file" for nginx to send.
    behaviour: dict[str, str] = field(default_factory=dict)

    @property
    def last(self) -> Request:
        """The request that came last."""
        return self.seen[-1]


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True

    def __init__(self, path: Path, instances: Instances) -> None:
        self.instances = instances
        super().__init__(str(path), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet: connections are cut on purpose."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        instances, name = self.server.instances, Path(str(self.server.server_address)).name
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        # nginx.nginx asks for this until nginx listens.
        if self.path != "/healthz":
            request = Request(name, self.command, self.path, self.headers, body)
            instances.seen.append(request)
        behaviour = instances.behaviour.get(name, "answers")
        if behaviour == "hangs up":
            self.close_connection = True
            return
        content = b'{"words": "' + b"many " * 1000 + b'"}'
        self.send_response(503 if behaviour == "refuses" else 200)
        if behaviour == "names a file":
            self.send_header("X-Accel-Redirect", self.path.replace("/media/", "/protected/", 1))
            self.send_header("X-Picture-Cache-Control", "private, max-age=31536000, immutable")
        if behaviour == "refuses":
            self.send_header("Retry-After", "7")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815 - the library's names

    def log_message(self, *_arguments: Any) -> None:
        """Write no log."""


@contextmanager
def three_instances(folder: Path) -> Iterator[Instances]:
    """Let them listen in ``folder`` for the body of the ``with``."""
    instances = Instances()
    with ExitStack() as stack:
        for name in SOCKETS:
            server = stack.enter_context(_Server(folder / name, instances))
            threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
            stack.callback(server.shutdown)
        yield instances
