"""Send requests that were made beforehand over some connections, by wrk, at little cost.

https://github.com/wg/wrk is a Debian package: ``infra/bin/install-packages wrk``. Its script takes
the requests from a file in their order, begins again at its end, and looks at nothing but statuses.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

# wrk asks for one request, which it does not send, before it begins.
SCRIPT = """
local requests, turn = {}, -1
function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  local length = file:read("*n")
  while length do
    file:read(1)
    requests[#requests + 1] = file:read(length)
    length = file:read("*n")
  end
end
function request()
  turn = turn + 1
  return requests[(turn - 1) % #requests + 1]
end
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d\\n", summary.requests, summary.duration,
    e.status, e.connect + e.read + e.write + e.timeout, latency:percentile(50),
    latency:percentile(99)))
end
"""
RESULT = re.compile(r"^RESULT (.+)$", re.MULTILINE)
# Longer than any answer of a busy machine takes.
TIMEOUT_SECONDS = 15


class CannotSend(Exception):
    """wrk is missing or has failed; the message says which."""


@dataclass(frozen=True)
class Request:
    """One HTTP request, its address without the host."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def encoded(self, host: str) -> bytes:
        """Return the bytes of the request for this host, as they go over the connection."""
        headers = {"Host": host, **self.headers}
        if self.body or self.method in {"POST", "PUT", "PATCH"}:
            headers["Content-Length"] = str(len(self.body))
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(frozen=True)
class Sent:
    """What was sent and came back: counts, seconds, and milliseconds of latency."""

    requests: int
    seconds: float
    refused: int = 0  # answers of 400 and above
    lost: int = 0  # without an answer
    p50: float = 0.0
    p99: float = 0.0


def require_wrk() -> None:
    """Check that wrk is there; raises ``CannotSend`` with what to do if it is not."""
    if shutil.which("wrk") is None:
        raise CannotSend("wrk is missing: run infra/bin/install-packages wrk.")


def send(port: int, requests: Sequence[Request], *, connections: int, seconds: float) -> Sent:
    """Send requests to a port of loopback for some seconds, over and over in their order.

    Raises ``CannotSend`` if wrk fails, and ``FileNotFoundError`` if it is not installed.
    """
    host = f"127.0.0.1:{port}"
    with TemporaryDirectory(prefix="minigram-wrk-") as folder:
        script, file = Path(folder, "script.lua"), Path(folder, "requests")
        script.write_text(SCRIPT)
        file.write_bytes(framed([request.encoded(host) for request in requests]))
        command = ["wrk", "--threads=1", f"--connections={connections}"]
        command += [f"--duration={round(seconds)}s", f"--timeout={TIMEOUT_SECONDS}s"]
        command += ["--script", str(script), f"http://{host}/", "--", str(file)]
        run = subprocess.run(  # noqa: S603 - our own command
            command, capture_output=True, text=True, check=False
        )
    if run.returncode or not (found := RESULT.search(run.stdout)):
        raise CannotSend(f"wrk has failed: {(run.stderr or run.stdout).strip()[:300]}")
    return sent_of([int(number) for number in found[1].split()])


def framed(requests: Sequence[bytes]) -> bytes:
    """Return requests in one piece, each after its length and a line break."""
    return b"".join(b"%d\n%b" % (len(request), request) for request in requests)


def sent_of(numbers: Sequence[int]) -> Sent:
    """Return the numbers of the script, in its order: counts, and microseconds."""
    requests, microseconds, refused, lost, p50, p99 = numbers
    return Sent(requests, microseconds / 1e6, refused, lost, p50 / 1000, p99 / 1000)
