"""A real nginx before three small instances."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from infra.project import free_port
from tests.infra.nginx.instances import Instances, three_instances
from tests.infra.nginx.server import make_certificate, nginx


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Return a folder whose name is short enough for sockets."""
    path = Path(tempfile.mkdtemp(prefix="minigram-nginx-"))
    make_certificate(path)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def three(folder: Path) -> Iterator[Instances]:
    """Run the three instances."""
    with three_instances(folder) as instances:
        yield instances


@pytest.fixture
def instances(three: Instances) -> Instances:
    """Return the three instances, all of them good again."""
    three.seen.clear()
    three.behaviour.clear()
    return three


@pytest.fixture
def address(folder: Path, three: Instances) -> Iterator[str]:
    """Run an nginx that has no bad experience with any of them; return where it listens."""
    with nginx(folder) as address:
        yield address


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    """Return a client of nginx."""
    with httpx.Client(base_url=f"http://{address}", trust_env=False, timeout=20) as client:
        yield client


@pytest.fixture(scope="module")
def secure(folder: Path, three: Instances) -> Iterator[tuple[str, str]]:
    """Run the variant with TLS before the same instances; return its plain and its safe address."""
    plain, own = f"127.0.0.1:{free_port()}", folder / "tls"
    own.mkdir()
    make_certificate(own)
    with nginx(own, "nginx-tls.conf", NGINX_HTTP_LISTEN=plain, SOCKET_DIR=folder) as address:
        yield plain, address
