"""gunicorn with our configuration: who may connect, and how it stops."""

from __future__ import annotations

import json
import os
import runpy
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import psutil
import pytest
from django.db import connection
from gunicorn.config import Config  # type: ignore[import-untyped]

from infra.project import PROJECT
from tests.infra.gunicorns import gunicorn

pytestmark = pytest.mark.slow
REQUEST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"


@pytest.fixture
def path() -> Iterator[Path]:
    """Return where it listens: a path that is short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="minigram-gunicorn-"))
    yield folder / "web1.sock"
    shutil.rmtree(folder)


@pytest.fixture
def server(path: Path) -> Iterator[psutil.Process]:
    """Run gunicorn with an application that needs nothing; return its first process."""
    env = {
        **os.environ,
        "BIND": f"unix:{path}",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "DJANGO_SETTINGS_MODULE": "minigram_site.settings",
    }
    with gunicorn(env, path, "infra.lab.bench.floor:application") as process:
        yield psutil.Process(process.pid)


def connected(path: Path) -> socket.socket:
    """Return a connection that has sent a whole request."""
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(10)
    line.connect(str(path))
    line.sendall(REQUEST)
    return line


def test_only_its_user_and_group_may_connect(server: psutil.Process, path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o770


def test_a_socket_without_a_trusted_proxy_is_warned_of(
    capfd: pytest.CaptureFixture[str], server: psutil.Process
) -> None:
    assert "TRUSTED_PROXIES is 0" in capfd.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_whoever_is_connected_when_it_stops_is_answered(
    server: psutil.Process, path: Path, number: signal.Signals
) -> None:
    (worker,) = server.children()
    worker.suspend()
    lines = [connected(path) for _ in range(20)]
    server.send_signal(number)
    time.sleep(0.5)
    worker.resume()
    answers = [line.recv(100)[:15] for line in lines]
    for line in lines:
        line.close()
    assert answers == [b"HTTP/1.1 200 OK"] * 20


@pytest.mark.django_db(transaction=True)
def test_no_connection_of_the_parent_is_open_when_a_worker_is_forked() -> None:
    connection.ensure_connection()
    hooks = runpy.run_path(str(PROJECT / "infra" / "gunicorn.conf.py"))
    hooks["pre_fork"](SimpleNamespace(WORKERS={}), SimpleNamespace())
    assert connection.connection is None


def test_replaced_workers_leave_the_socket_open(server: psutil.Process, path: Path) -> None:
    (old,) = server.children()
    server.send_signal(signal.SIGHUP)
    old.wait(20)
    with connected(path) as line:
        assert line.recv(100).startswith(b"HTTP/1.1 200 OK")


def test_the_health_check_of_containers_tells_the_living_from_the_dead(
    server: psutil.Process, path: Path
) -> None:
    command = [sys.executable, "-m", "infra.ops.healthcheck"]
    env = {"BIND": f"unix:{path}"}
    assert subprocess.run(command, cwd=PROJECT, env=env, check=False).returncode == 0
    gone = env | {"BIND": f"unix:{path}.gone"}
    assert subprocess.run(command, cwd=PROJECT, env=gone, check=False).returncode == 1


@pytest.mark.parametrize("wrong", [{"INSTANCES": "0"}, {"INSTANCES": "many"}])
def test_a_wrong_number_stops_the_start_and_names_the_variable(
    wrong: dict[str, str], path: Path
) -> None:
    env = {**os.environ, "BIND": f"unix:{path}", **wrong}
    command = ["-m", "gunicorn", "--config", "infra/gunicorn.conf.py", "infra.lab.bench.floor:x"]
    run = subprocess.run(
        [sys.executable, *command], env=env, capture_output=True, text=True, check=False
    )
    assert run.returncode != 0
    assert "INSTANCES must be a number from 1 to 32" in run.stderr


@pytest.mark.parametrize(
    ("sent", "logged"),
    [
        ("/alice/?q=secret", "/alice/"),
        ("/a%0A127.0.0.1%20forged", "/a%0A127.0.0.1%20forged"),
        ("/a\nforged\x1b[31m\xff", "/a%0Aforged%1B[31m%FF"),
        ("/password-reset/MQ/a-token/?x", "/password-reset/..."),
        ("/password-reset/sent/", "/password-reset/sent/"),
        ("/s/a-token/media/2/x.webp?y", "/s/..."),
        ("/api/v1/shared/a-token/photos/", "/api/v1/shared/..."),
        ("/confirm-email/WzEs:a:b/", "/confirm-email/..."),
        ("//invite/abc", "//invite/..."),
        ("/appeals/a:b/?x", "/appeals/..."),
    ],
)
def test_a_line_of_the_log_has_the_path_as_it_was_sent_and_no_secret(
    sent: str, logged: str
) -> None:
    log = runpy.run_path(str(PROJECT / "infra" / "gunicorn.conf.py"))["AccessLog"](Config())
    response = SimpleNamespace(status="200 OK", sent=1, headers=[])
    environ = {"RAW_URI": sent, "PATH_INFO": unquote(sent)}
    environ |= {"REQUEST_METHOD": "GET", "SERVER_PROTOCOL": "HTTP/1.1"}
    atoms = log.atoms(response, SimpleNamespace(headers=[]), environ, timedelta(0))
    assert atoms["U"] == logged


def test_lines_are_objects_of_json_where_the_sites_are(
    path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    env = {
        **os.environ,
        "BIND": f"unix:{path}",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "DJANGO_SETTINGS_MODULE": "minigram_site.settings",
        "ACCESS_LOG": "true",
        "LOG_LEVEL": "INFO,json",
    }
    with gunicorn(env, path, "infra.lab.bench.floor:application"), connected(path) as line:
        assert line.recv(100).startswith(b"HTTP/1.1 200")
    out, err = capfd.readouterr()
    asked = [json.loads(each) for each in out.splitlines()]
    (sent,) = [each for each in asked if each["method"] == "POST"]
    assert (sent["uri"], sent["status"]) == ("/", 200)
    assert sent.keys() == {"time", "id", "method", "uri", "status", "bytes", "seconds"}
    assert all(json.loads(each)["level"] for each in err.splitlines())
