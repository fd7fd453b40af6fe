"""A provider of OpenID Connect on loopback: a real server, in a process of its own.

What it says of a person is what a test has told it, claims of its signed tokens included: so it
can also sign what no site may accept.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from django.test import Client

CLAIMS = {"email": "dora@club.example", "email_verified": True, "preferred_username": "Dora"}


class IdentityProvider:
    """A running provider."""

    def __init__(self, port: int) -> None:
        """Take the port of one that runs."""
        self.port = port
        self.issuer = f"http://127.0.0.1:{port}"

    def tell(self, subject: str, **claims: Any) -> None:
        """Let the provider say this of a person from now on."""
        body = {**CLAIMS, **claims}
        httpx.put(f"{self.issuer}/users/{subject}", json=body).raise_for_status()

    def log_in(self, address: str, subject: str) -> str:
        """Log somebody in at the address that a site has sent a browser to; return where back."""
        found = httpx.post(address, data={"sub": subject})
        assert found.status_code == 302, found.text
        return found.headers["Location"]

    def cancel(self, address: str) -> str:
        """Refuse at the address that a site has sent a browser to; return where back."""
        return httpx.post(address, data={"action": "deny"}).headers["Location"]


@contextmanager
def identity_provider(folder: Path, port: int = 0) -> Iterator[IdentityProvider]:
    """Run a provider, with keys of its own, until the context ends. Its log goes to ``folder``."""
    log = folder / "provider.log"
    # Its libraries warn of each other.
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "-p", str(port)]
    with (
        log.open("wb") as file,
        subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT) as process,
    ):
        try:
            yield IdentityProvider(_port_in(log, process))
        finally:
            process.terminate()


def _port_in(log: Path, process: subprocess.Popen[bytes]) -> int:
    """Return the port that the provider says it listens on, once it does."""
    while process.poll() is None:
        if found := re.search(r"running on http://127.0.0.1:(\d+) ", log.read_text()):
            return int(found[1])
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def query_of(address: str) -> dict[str, str]:
    """Return what an address asks with."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(address).query).items()}


def sent_to(client: Client, path: str = "/login/provider/", **query: str) -> str:
    """Return the address of the provider to which the site sends a browser."""
    found = client.get(path, query)
    assert found.status_code == 302, found.content
    return str(found["Location"])


def back(client: Client, address: str) -> Any:
    """Return what the site answers when the provider sends a browser back to ``address``."""
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == (
        "http://testserver/login/provider/answer/"
    )
    return client.get(f"{parts.path}?{parts.query}")


def sign_in(client: Client, provider: IdentityProvider, subject: str, **query: str) -> Any:
    """Go the whole way in a browser; return the site's answer to what the provider has said."""
    return back(client, provider.log_in(sent_to(client, **query), subject))


def begun_in(client: Client) -> list[str]:
    """Return under which keys a browser's session remembers sign-ins that it has begun."""
    return [key for key, _ in client.session.items() if key.startswith("_state_")]


def is_in(client: Client) -> bool:
    """Tell whether a browser is logged in."""
    return client.get("/settings/password/").status_code == 200
