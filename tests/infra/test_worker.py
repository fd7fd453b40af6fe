"""A worker that is killed in the middle loses nothing; one that is asked to stop finishes first."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from PIL import Image

from infra.cluster.static_files import collect_for
from infra.lab.bench.server import Server, environment, serving
from infra.project import PROJECT, free_port, manage
from tests.infra.client import Client

pytestmark = [pytest.mark.slow, pytest.mark.timeout(150)]
PASSWORD = "quite-a-long-password-7"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Server]:
    """Serve an empty site whose uploads are left to a worker."""
    if connection.vendor != "sqlite":
        pytest.skip("this site is on SQLite")
    env = environment(tmp_path / "data", free_port()) | {"BACKGROUND_WORKER": "true"}
    manage(env, "migrate", "--verbosity", "0")
    collect_for(env)
    with serving(env, "minigram_site.wsgi:application", "/readyz") as server:
        yield server


@contextmanager
def working(site: Server) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker beside the site; it is killed at the end if it still lives."""
    command = [sys.executable, "manage.py", "worker", "--interval", "0.2"]
    worker = subprocess.Popen(command, cwd=PROJECT, env=site.env, stdout=subprocess.DEVNULL)
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait()


def publish(client: Client, content: bytes) -> str:
    """Send a photo, which is left to the worker; return its id."""
    status, draft = client.publish(content)
    assert (status, draft["state"]) == (202, "processing")
    return str(draft["id"])


def large_picture() -> bytes:
    """Return a picture that takes a decoder some seconds."""
    file = io.BytesIO()
    Image.effect_noise((5200, 4600), 90).save(file, "PNG", compress_level=1)
    return file.getvalue()


def wait_until(happened: Callable[[], bool], seconds: float) -> float:
    """Wait for something; return how many seconds that took, fail if it does not happen."""
    began = time.monotonic()
    while not happened():
        assert time.monotonic() - began < seconds
        time.sleep(0.05)
    return time.monotonic() - began


def decodes(worker: subprocess.Popen[bytes]) -> bool:
    """Tell whether the worker has a decoder running at this moment."""
    children = psutil.Process(worker.pid).children()
    return any(word.endswith("/decoder") for child in children for word in child.cmdline())


def test_a_worker_killed_in_the_middle_loses_no_photo(site: Server) -> None:
    client = Client(site.port)
    with ExitStack() as stack:
        stack.callback(client.close)
        first = stack.enter_context(working(site))
        photo_id = publish(client, large_picture())
        wait_until(lambda: decodes(first), 20)
        first.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        first.wait()
        assert not client.is_published(photo_id)
        stack.enter_context(working(site))
        wait_until(lambda: client.is_published(photo_id), 60)
        assert time.monotonic() - killed < 60


def test_a_worker_that_is_asked_to_stop_finishes_first(site: Server) -> None:
    client = Client(site.port)
    with working(site) as worker:
        photo_id = publish(client, large_picture())
        wait_until(lambda: decodes(worker), 20)
        worker.terminate()
        assert worker.wait(30) == 0
        assert client.is_published(photo_id)
        client.close()


@pytest.mark.django_db
def test_a_worker_that_has_nothing_to_do_says_so() -> None:
    with pytest.raises(CommandError, match="BACKGROUND_WORKER"):
        call_command("worker")
