"""One kept connection to a site on loopback, for what is asked beside the measurement."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from infra.lab.bench.wrk import Request

JSON = {"Content-Type": "application/json"}


class Client:
    """A client of one port. A connection that the server has closed is opened once more."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        """Send a request; return status, headers by their names in lower case, and body.

        Raises ``OSError`` and ``HTTPException`` if the server does not answer.
        """
        try:
            response = self._send(request)
        except (ConnectionError, HTTPException):
            self._connection.close()
            response = self._send(request)
        headers = {name.lower(): value for name, value in response.getheaders()}
        return response.status, headers, response.read()

    def call(self, method: str, path: str, body: Any = None, token: str = "") -> dict[str, Any]:
        """Make a call of the API; return its JSON. Raises ``RuntimeError`` for 400 and above."""
        headers = {**JSON, **bearer(token)} if token else JSON
        content = b"" if body is None else json.dumps(body).encode()
        status, _, answer = self.ask(Request(method, path, headers, content))
        if status >= 400:
            raise RuntimeError(f"{method} {path} answered {status}: {answer[:200]!r}")
        return dict(json.loads(answer)) if answer else {}

    def log_in(self, username: str, password: str) -> str:
        """Log somebody in through the form; return the ``Cookie`` header of their session.

        Raises ``RuntimeError`` if the site does not let them in.
        """
        _, headers, _ = self.ask(Request("GET", "/login/"))
        token = SimpleCookie(headers["set-cookie"])["csrftoken"].value
        form = {"username": username, "password": password, "csrfmiddlewaretoken": token}
        own = {
            "Cookie": f"csrftoken={token}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        response = self._send(Request("POST", "/login/", own, urlencode(form).encode()))
        response.read()
        if response.status != 302:
            raise RuntimeError(f"POST /login/ answered {response.status} instead of 302.")
        cookies = SimpleCookie()
        for header in response.headers.get_all("Set-Cookie", []):
            cookies.load(header)
        return "; ".join(f"{name}={cookie.value}" for name, cookie in cookies.items())

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _send(self, request: Request) -> HTTPResponse:
        self._connection.request(
            request.method, request.path, request.body or None, dict(request.headers)
        )
        return self._connection.getresponse()


def bearer(token: str) -> dict[str, str]:
    """Return the header that carries an access token."""
    return {"Authorization": f"Bearer {token}"}
