"""nginx leaves an instance alone that failed, and comes back to it."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.infra.nginx.instances import SOCKETS, Instances, three_instances
from tests.infra.nginx.server import make_certificate, nginx

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed"),
    pytest.mark.xdist_group("nginx"),
]
BAD = SOCKETS[0]
# As http.conf says: three failures, five seconds. nginx counts whole seconds.
FAILURES, SECONDS = 3, 5


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder whose name is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="minigram-nginx-") as name:
        make_certificate(Path(name))
        yield Path(name)


def asked(instances: Instances) -> int:
    """Return how often the bad one was asked."""
    return [request.instance for request in instances.seen].count(BAD)


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_instance_that_fails_three_times_is_left_alone_and_asked_again_later(
    method: str, folder: Path
) -> None:
    with (
        three_instances(folder) as instances,
        nginx(folder) as address,
        httpx.Client(base_url=f"http://{address}", trust_env=False) as client,
    ):
        instances.behaviour = {BAD: "hangs up"}
        answers = [client.request(method, "/").status_code for _ in range(40)]
        assert (set(answers), asked(instances)) == ({200}, FAILURES)
        # It is well again, which nginx does not know before the time is over.
        instances.behaviour = {}
        assert {client.request(method, "/").status_code for _ in range(12)} == {200}
        assert asked(instances) == FAILURES
        time.sleep(SECONDS + 1)
        assert {client.request(method, "/").status_code for _ in range(12)} == {200}
        assert asked(instances) > FAILURES
