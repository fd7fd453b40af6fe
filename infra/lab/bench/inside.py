"""Call the WSGI application in a loop, without a server: what a warm request costs by itself.

Run by ``lab bench`` as ``python -m infra.lab.bench.inside REQUESTS PATH TOKEN``; prints CPU
microseconds per request. A server adds the reading and writing of HTTP, and the caches that a
processor loses while it waits for the next request.
"""

from __future__ import annotations

import io
import sys
import time
from typing import Any

import django
from django.core.servers.basehttp import get_internal_wsgi_application

WARM_UP = 50


def main() -> None:
    """Measure as the command line says, and print CPU microseconds per request."""
    requests, path, token = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    django.setup()
    application = get_internal_wsgi_application()
    for _ in range(WARM_UP):
        ask(application, path, token)
    began = time.process_time()
    for _ in range(requests):
        ask(application, path, token)
    sys.stdout.write(f"{(time.process_time() - began) / requests * 1e6:.0f}\n")


def ask(application: Any, path: str, token: str) -> None:
    """Make one GET request; raises ``RuntimeError`` for a status other than 200."""
    status: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_AUTHORIZATION": f"Bearer {token}",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
    }
    response = application(environ, lambda line, *_: status.append(line))
    for _ in response:
        pass
    getattr(response, "close", lambda: None)()
    if status != ["200 OK"]:
        raise RuntimeError(f"{path} answered {status}.")


if __name__ == "__main__":
    main()
