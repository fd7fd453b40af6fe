"""One person's session at the API: log in and ask, with the standard library only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

SECONDS = 10  # until a call is given up


class Refused(Exception):
    """An answer that was not the right one, or none."""


@dataclass
class ApiSession:
    """A person, by name and password, at the site whose address is ``url``."""

    url: str
    name: str
    password: str
    token: str = ""
    refresh: str = ""

    def ask(
        self,
        method: str,
        path: str,
        values: Any = None,
        *,
        expect: tuple[int, ...] = (200,),
        body: bytes | None = None,
        content_type: str = "application/json",
    ) -> Any:
        """Make one call and return its JSON, or its bytes where that is none.

        Raises ``Refused`` for a status that is not in ``expect``, and for no answer in ten seconds.
        """
        url = path if "://" in path else f"{self.url}{path}"
        content = json.dumps(values).encode() if values is not None else body
        request = Request(url, content, method=method)  # noqa: S310 - the site's own address
        if content is not None:
            request.add_header("Content-Type", content_type)
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        status, answer = _open(request)
        if status not in expect:
            raise Refused(f"{method} {urlsplit(url).path} answered {status}: {answer[:150]!r}")
        if answer[:1] in {b"{", b"["}:
            return json.loads(answer)
        return answer

    def log_in(self) -> None:
        """Take new tokens for name and password; raises ``Refused`` if the site gives none."""
        self.token = ""
        values = {"username": self.name, "password": self.password}
        self.take_tokens(self.ask("POST", "/api/v1/auth/token/", values))

    def take_tokens(self, answer: dict[str, Any]) -> None:
        """Remember the tokens of an answer of the API (``access`` and ``refresh``)."""
        self.token, self.refresh = answer["access"], answer["refresh"]


def _open(request: Request) -> tuple[int, bytes]:
    try:
        with urlopen(request, timeout=SECONDS) as response:  # noqa: S310 - the site's own address
            return response.status, response.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()
    except (URLError, OSError) as error:
        raise Refused(f"No answer: {getattr(error, 'reason', error)}") from error
