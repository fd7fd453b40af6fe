"""The site that is photographed: a real one with the demo in a folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# Making the demo takes about a minute, on a busy machine many times that.
LONGEST_START = 1800


class NoSite(RuntimeError):
    """The site did not start; the message has the end of what it said."""


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run the site with demo data in ``folder`` and yield its address; end it afterwards.

    A folder that is used again is not filled again. Raises ``NoSite`` if it does not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    log = folder / "site.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [ROOT / "infra/bin/run-local", Path(sys.executable).parent],
            cwd=ROOT,
            env={**os.environ, **variables(folder), "PORT": str(port), "RATE_LIMITS": "false"},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process, log)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def variables(folder: Path) -> dict[str, str]:
    """Return the environment in which a process uses the data of the site in ``folder``."""
    return {"DATA_DIR": str(folder / "data")}


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + LONGEST_START
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5):  # noqa: S310 - loopback
                return
        except OSError:
            time.sleep(0.5)
    raise NoSite(log.read_text()[-2000:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
