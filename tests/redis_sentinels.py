"""Two Redis servers and Sentinels for tests, on ports of loopback, stopped by their process ids."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from infra.project import free_port

SERVICE = "minigram"
PATIENCE_SECONDS = 30


class Watched:
    """A primary, its replica, and Sentinels that replace the primary after half a second."""

    def __init__(self, sentinels: int = 3) -> None:
        """Start all of them; where Redis is not installed the test is skipped."""
        if shutil.which("redis-server") is None:
            pytest.skip("redis-server is not installed (make test installs it)")
        # Of its own, since django-redis keeps one pool for each address, and all have one name.
        self.password = secrets.token_hex(8)
        self.folder = Path(tempfile.mkdtemp(prefix="minigram-sentinels-"))
        self.processes: dict[int, subprocess.Popen[bytes]] = {}
        self.primary, self.replica = free_port(), free_port()
        self.sentinels = [free_port() for _ in range(sentinels)]
        try:
            self._start_all()
        except BaseException:
            self.close()
            raise

    @property
    def url(self) -> str:
        """``CACHE_URL`` of a site."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.sentinels)
        return (
            f"redis+sentinel://:{self.password}@{hosts}/{SERVICE}?sentinel_password={self.password}"
        )

    def ask(self, port: int, *command: str) -> Any:
        """Send a command on a connection of its own."""
        with self._client(port) as client:
            return client.execute_command(*command)

    def kill(self, port: int) -> None:
        """Kill one as a crash would."""
        process = self.processes.pop(port)
        process.kill()
        process.wait()

    def is_primary(self, port: int) -> bool:
        """Tell whether one says that it is the primary."""
        with suppress(redis.RedisError):
            return bool(self.ask(port, "ROLE")[0] == b"master")
        return False

    def wait(self, claim: Callable[[], object]) -> None:
        """Wait until something is true; servers that do not answer yet are asked again."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            with suppress(redis.RedisError):
                if claim():
                    return
            assert time.monotonic() < end, "It did not come true in time."
            time.sleep(0.05)

    def close(self) -> None:
        """End all of them, and remove their folder."""
        for port in [*self.sentinels, self.replica, self.primary]:
            if port in self.processes:
                self.kill(port)
        shutil.rmtree(self.folder)

    def _client(self, port: int) -> redis.Redis:
        retry = Retry(NoBackoff(), 0)
        return redis.Redis("127.0.0.1", port, password=self.password, retry=retry)

    def _start_all(self) -> None:
        self._start(self.primary)
        self._start(self.replica, f"replicaof 127.0.0.1 {self.primary}")
        self.wait(lambda: self.ask(self.replica, "ROLE")[3] == b"connected")
        for port in self.sentinels:
            self._start_sentinel(port)
        self.wait(lambda: all(map(self._is_settled, self.sentinels)))

    def _start(self, port: int, *lines: str, kind: str = "redis") -> None:
        common = ["bind 127.0.0.1", f"dir {self.folder}", f"requirepass {self.password}"]
        mine = [f"masterauth {self.password}", 'save ""'] if kind == "redis" else []
        path = self.folder / f"{kind}-{port}.conf"
        path.write_text("\n".join([f"port {port}", *common, *mine, *lines]) + "\n")
        command = ["redis-server", str(path), *(["--sentinel"] if kind != "redis" else [])]
        self.processes[port] = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self.wait(lambda: self.ask(port, "PING"))

    def _start_sentinel(self, port: int) -> None:
        majority = len(self.sentinels) // 2 + 1
        self._start(
            port,
            f"sentinel sentinel-pass {self.password}",
            f"sentinel monitor {SERVICE} 127.0.0.1 {self.primary} {majority}",
            f"sentinel auth-pass {SERVICE} {self.password}",
            f"sentinel down-after-milliseconds {SERVICE} 500",
            f"sentinel failover-timeout {SERVICE} 3000",
            kind="sentinel",
        )

    def _is_settled(self, port: int) -> bool:
        """Tell whether a Sentinel knows of the replica and of all others."""
        with self._client(port) as client:
            known: Any = client.sentinel_master(SERVICE)
        return (known["num-other-sentinels"], known["num-slaves"]) == (len(self.sentinels) - 1, 1)
