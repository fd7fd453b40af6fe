"""A Redis for tests: a server of its own on a unix socket, stopped by its process id."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest
import redis


class RedisServer:
    """One redis-server; it may be killed, frozen and started again."""

    def __init__(self) -> None:
        """Start it."""
        self.folder = Path(tempfile.mkdtemp(prefix="minigram-redis-"))
        self.socket = self.folder / "redis.sock"
        self.url = f"unix://{self.socket}?db=0"
        self.start()

    def start(self) -> None:
        """Start it, and return when it answers; where it is not installed the test is skipped."""
        if shutil.which("redis-server") is None:
            pytest.skip("redis-server is not installed (make test installs it)")
        command = ["redis-server", "--port", "0", "--unixsocket", str(self.socket)]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until = time.monotonic() + 5
        while time.monotonic() < until:
            with suppress(redis.ConnectionError):
                if self.ask("PING"):
                    return
            time.sleep(0.01)
        raise TimeoutError("redis-server has not started within 5 s")

    def ask(self, *command: str) -> object:
        """Send a command on a connection of its own."""
        with redis.Redis(unix_socket_path=str(self.socket)) as client:
            return client.execute_command(*command)

    def number(self, *command: str) -> int:
        """Return the number that a command answers with."""
        answer = self.ask(*command)
        assert isinstance(answer, int | bytes)
        return int(answer)

    def keys(self, pattern: str) -> list[str]:
        """Return the keys that fit a pattern."""
        answer = self.ask("KEYS", pattern)
        assert isinstance(answer, list)
        return [key.decode() for key in answer]

    def kill(self) -> None:
        """Kill it as a crash would."""
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        """Let it answer nothing until it is resumed."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen one go on."""
        os.kill(self.process.pid, signal.SIGCONT)

    def close(self) -> None:
        """End it, and remove its folder."""
        self.kill()
        shutil.rmtree(self.folder)
