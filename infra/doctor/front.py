"""The front of a site: its certificate, its health addresses, and what its first page answers."""

from __future__ import annotations

import socket
import ssl
import time
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, urlsplit
from urllib.request import urlopen

from infra.doctor.findings import Findings

SECONDS = 5
SOON_DAYS = 14


def front(found: Findings, url: str) -> None:
    """Check the certificate, that the site at ``url`` is ready, and that its first page comes.

    Redirections to the page itself, and what is no answer, are raised inside the checks as
    ``LookupError`` and ``ConnectionError``, and noted.
    """
    site = urlsplit(url)
    if site.scheme == "https":
        certificate(found, site.hostname or "", site.port or 443)
    for path in ("/healthz", "/readyz"):
        advice = "Start the site, or name its address with --url."
        with found.checking("site", path, advice) as look:
            look.detail = answer_of(f"{url}{path}")
        if path == "/healthz" and found.rows[-1].state == "problem":
            return
    advice = "Look at the log of the site."
    if site.scheme == "https":
        advice += " With a proxy before it: TRUSTED_PROXIES=1, and it sets X-Forwarded-Proto."
    with found.checking("site", "first page", advice) as look:
        look.detail = _first_page(site)


def certificate(found: Findings, host: str, port: int) -> None:
    """Check that browsers accept the site's certificate, and for how long. One TLS connection."""
    advice = "Renew it (certbot renew), and let nginx read it: systemctl reload nginx."
    with found.checking("certificate", host, advice) as look:
        context = ssl.create_default_context()
        with (
            socket.create_connection((host, port), SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            ends = ssl.cert_time_to_seconds(str((secure.getpeercert() or {})["notAfter"]))
        days = int((ends - time.time()) // 86400)
        look.detail = f"valid for {days} days"
    if found.rows[-1].state == "ok" and days < SOON_DAYS:
        found.rows.pop()
        found.warn("certificate", host, f"valid for {days} days only", advice)


def _first_page(site: SplitResult) -> str:
    """Return the status of ``/`` in words; raises ``LookupError`` for one that helps nobody."""
    answer = _get(site, "/")
    where = answer.getheader("Location") or ""
    if answer.status >= 500:
        raise LookupError(f"answers {answer.status}")
    if 300 <= answer.status < 400 and where.rstrip("/") == site.geturl().rstrip("/"):
        raise LookupError("leads to itself without end: the site takes HTTPS for HTTP")
    return f"answers {answer.status}" + (f", leads to {where}" if where else "")


def _get(site: SplitResult, path: str) -> HTTPResponse:
    """Return the answer of an address, whose redirection is not followed.

    Raises ``ConnectionError`` for none.
    """
    kind = HTTPSConnection if site.scheme == "https" else HTTPConnection
    line = kind(site.hostname or "", site.port, timeout=SECONDS)
    try:
        line.request("GET", path)
        answer = line.getresponse()
        answer.read()
    except (OSError, HTTPException) as error:
        raise ConnectionError(f"{path}: {error}") from error
    finally:
        line.close()
    return answer


def answer_of(url: str) -> str:
    """Return the first 200 bytes of a good answer of ``url``.

    Raises ``ConnectionError`` for any other answer, with what it says, and for none.
    """
    try:
        with urlopen(url, timeout=SECONDS) as response:  # noqa: S310 - the site's own address
            return str(response.read(200).decode(errors="replace"))
    except HTTPError as error:
        said = error.read(200).decode(errors="replace")
        raise ConnectionError(f"{url}: {error.code} {said}") from error
    except URLError as error:
        raise ConnectionError(f"{url}: {getattr(error, 'reason', error)}") from error
