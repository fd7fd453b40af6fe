"""A thousand clients who ask for the same at the same moment, each on a connection of its own."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Sequence
from http.client import HTTPResponse
from typing import Self

SIZE = 1000


class Crowd:
    """Connections that are open before anybody asks; several sockets are taken in turn."""

    def __init__(self, sockets: Sequence[str], host: str, bearer: str) -> None:
        """Name the unix sockets of the instances, the host, and whose token all of them send."""
        self._head = f"Host: {host}\r\nAuthorization: {bearer}\r\n\r\n"
        self._places = [sockets[number % len(sockets)] for number in range(SIZE)]
        self._lines: list[socket.socket] = []

    def __enter__(self) -> Self:
        """Connect everybody."""
        for place in self._places:
            line = socket.socket(socket.AF_UNIX)
            self._lines.append(line)
            line.settimeout(60)
            line.connect(place)
        return self

    def __exit__(self, *_error: object) -> None:
        """Hang up."""
        for line in self._lines:
            line.close()

    def ask(self, path: str) -> Counter[tuple[int, bytes]]:
        """Ask all at once for ``path``; return how many got which status and body."""
        request = f"GET {path} HTTP/1.1\r\n{self._head}".encode()
        for line in self._lines:
            line.sendall(request)
        return Counter(_answer(line) for line in self._lines)


def _answer(line: socket.socket) -> tuple[int, bytes]:
    # The server does not hang up, nor wait for us to do so.
    with line, HTTPResponse(line) as response:
        response.begin()
        return response.status, response.read()
