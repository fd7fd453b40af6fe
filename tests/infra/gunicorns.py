"""A gunicorn with the project's configuration on a Unix socket."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from infra.cluster.servers.http_probe import http_status
from infra.project import PROJECT

SITE = "minigram_site.wsgi:application"


@contextmanager
def gunicorn(
    env: Mapping[str, str], path: Path, application: str = SITE
) -> Iterator[subprocess.Popen[bytes]]:
    """Run it for the body of the ``with``, as soon as it answers on the socket ``path``."""
    command = [sys.executable, "-m", "gunicorn", "--config", "infra/gunicorn.conf.py", application]
    with subprocess.Popen(command, cwd=PROJECT, env=dict(env)) as server:
        try:
            _wait_for(path)
            yield server
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(path: Path) -> None:
    end = time.monotonic() + 60
    while http_status(str(path), "/healthz", "127.0.0.1") == 0:
        if time.monotonic() > end:
            raise RuntimeError("gunicorn did not start.")
        time.sleep(0.05)
