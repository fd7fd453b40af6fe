"""Start gunicorn alone on loopback, and know what it costs."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from infra.lab.bench.cpu import cpu_seconds
from infra.project import PROJECT

START_SECONDS = 60
STOP_SECONDS = 15


@dataclass(frozen=True)
class Server:
    """A running server: its environment, and which process is its first."""

    env: dict[str, str]
    pid: int

    @property
    def port(self) -> int:
        """Its port on loopback."""
        return int(self.env["PORT"])

    def cpu_seconds(self) -> dict[str, float]:
        """Return the CPU time that gunicorn has used so far."""
        return cpu_seconds({"gunicorn": [self.pid]})


def environment(data: Path, port: int) -> dict[str, str]:
    """Return the environment of a Stage 1 site in ``data``, with limits off."""
    return {
        **os.environ,
        "SECRET_KEY": secrets.token_urlsafe(64),
        "DATA_DIR": str(data),
        "DATABASE_URL": f"sqlite:///{data}/db.sqlite3",
        "MEDIA_ROOT": str(data / "media"),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "RATE_LIMITS": "false",
        "LOG_LEVEL": "WARNING",
        "PORT": str(port),
        "DJANGO_SETTINGS_MODULE": "minigram_site.settings",
    }


@contextmanager
def serving(
    env: dict[str, str], application: str, path: str, log: Path | None = None
) -> Iterator[Server]:
    """Serve ``application`` for the body of the ``with``, and stop it afterwards by its pid.

    Raises ``RuntimeError`` if ``path`` does not answer within a minute.
    """
    command = [sys.executable, "-m", "gunicorn", "--config", "infra/gunicorn.conf.py", application]
    with (log or Path(os.devnull)).open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=PROJECT, env=env, stdout=output, stderr=output
        )
        try:
            _wait_for(process, f"http://127.0.0.1:{env['PORT']}{path}")
            yield Server(env, process.pid)
        finally:
            _stop(process)


def _wait_for(process: subprocess.Popen[bytes], url: str) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(url, timeout=5):  # noqa: S310 - loopback
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"The server does not answer at {url}.")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
