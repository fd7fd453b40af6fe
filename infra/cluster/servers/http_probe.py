"""Asks a server of this machine for one page, on a port of loopback or on a Unix socket."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException
from socket import AF_UNIX, SOCK_STREAM, socket


def http_status(address: str, path: str, host: str, timeout: float = 5) -> int:
    """Return the status of a GET request; 0 if nothing answers within ``timeout`` seconds.

    ``address`` is a port on loopback or the path of a socket, ``host`` the ``Host`` header.
    """
    connection: HTTPConnection
    if address.startswith("/"):
        connection = _SocketConnection(address, timeout)
    else:
        connection = HTTPConnection("127.0.0.1", int(address), timeout=timeout)
    try:
        connection.request("GET", path, headers={"Host": host})
        response = connection.getresponse()
        response.read()
    except (OSError, HTTPException):
        return 0
    else:
        return response.status
    finally:
        connection.close()


class _SocketConnection(HTTPConnection):
    """An HTTP connection over a Unix socket."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket. Raises ``OSError`` if nothing listens there."""
        self.sock = socket(AF_UNIX, SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
