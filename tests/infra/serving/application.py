"""WSGI applications for a gunicorn under test."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from tempfile import TemporaryFile
from typing import Any

LARGE = bytes(range(256)) * 32_768


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with eight megabytes, from memory or a file, or with the body that was sent."""
    path = environ["PATH_INFO"]
    if path == "/refused":
        body = b"refused"
    elif path.startswith("/large"):
        body = LARGE
    else:
        body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    if path != "/large-file":
        return [body[start : start + 65_536] for start in range(0, len(body), 65_536)]
    file = TemporaryFile()  # noqa: SIM115 - gunicorn closes it
    file.write(body)
    file.seek(0)
    return environ["wsgi.file_wrapper"](file)  # type: ignore[no-any-return]
