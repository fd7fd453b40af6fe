"""The checkout: where it lies, how its management commands are run, and free ports on loopback."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """Return a TCP port on loopback on which nothing listens now; another process may take it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def manage(env: dict[str, str], *arguments: str) -> None:
    """Run ``manage.py`` with these arguments and the whole environment ``env``.

    Raises ``subprocess.CalledProcessError`` if the command ends with another exit code than 0.
    """
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=PROJECT, env=env, check=True)  # noqa: S603 - our own command
