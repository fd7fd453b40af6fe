"""A thousand clients with a connection each, which send one request at the same moment."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Sequence
from http.client import HTTPResponse
from typing import Self

SIZE = 1000


class Crowd:
    """Connections that are open before the first request; the sockets are taken in turn."""

    def __init__(self, sockets: Sequence[str], host: str, bearer: str) -> None:
        """Take the Unix sockets of the instances, the host, and the token that all clients send."""
        self._head = f"Host: {host}\r\nAuthorization: {bearer}\r\n\r\n"
        self._places = [sockets[number % len(sockets)] for number in range(SIZE)]
        self._lines: list[socket.socket] = []

    def __enter__(self) -> Self:
        """Open all connections."""
        for place in self._places:
            line = socket.socket(socket.AF_UNIX)
            self._lines.append(line)
            line.settimeout(60)
            line.connect(place)
        return self

    def __exit__(self, *_error: object) -> None:
        """Close all connections."""
        for line in self._lines:
            line.close()

    def ask(self, path: str) -> Counter[tuple[int, bytes]]:
        """Request ``path`` over all connections; return how many got which status and body."""
        request = f"GET {path} HTTP/1.1\r\n{self._head}".encode()
        for line in self._lines:
            line.sendall(request)
        return Counter(_answer(line) for line in self._lines)


def _answer(line: socket.socket) -> tuple[int, bytes]:
    # Neither side waits for the other to close the connection.
    with line, HTTPResponse(line) as response:
        response.begin()
        return response.status, response.read()
