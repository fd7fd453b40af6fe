"""A mail server that takes every mail and keeps it."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Handler(socketserver.StreamRequestHandler):
    """One connection of SMTP, as far as a client that sends one mail needs it."""

    def handle(self) -> None:
        """Answer line by line, and keep the mail."""
        server = self.server
        assert isinstance(server, MailServer)
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                server.mails.append(b"".join(lines).decode())
            self.wfile.write(b"250 well\r\n")


class MailServer(socketserver.ThreadingTCPServer):
    """The server; ``mails`` are those that it was given."""

    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port of loopback."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mails: list[str] = []

    @property
    def url(self) -> str:
        """The address as ``EMAIL_URL`` names it."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run it for the body of the ``with``."""
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
