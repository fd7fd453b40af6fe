"""The edge in a real nginx, before instances that say what the test wants, and a real Redis."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Protocol

import httpx
import pytest
import redis

from infra.cluster.errors import ClusterError
from infra.cluster.servers.edge import MODULES, PACKAGE, Edge
from infra.project import PROJECT
from social.feed.edge import FORMAT
from tests.infra.nginx.server import VARIANTS, check, make_certificate, nginx, values, write
from tests.redis_server import RedisServer

pytestmark = pytest.mark.skipif(
    shutil.which("nginx") is None or not all(map(Path.exists, MODULES)),
    reason=f"nginx or {PACKAGE} is not installed",
)
FEED = "/api/v1/feed/"
TOKEN = "V" + "x" * 15
PAGE = b'{"next":null,"previous":null,"results":[{"id":"1",\0,"liked":true}]}'
SHOWN = b'{"next":null,"previous":null,"results":[{"id":"1","like_count":2,"liked":true}]}'
KEYS = {
    "account": "account:{user}:{session}",
    "blocks": "blocks:{user}",
    "photo": "photo:{photo}",
    "page": "page:{user}:{cursor}:{limit}:{base}",
    "counts": "counts:{photo}",
    "liked": "liked:{user}:{photo}",
}


@dataclass
class Told:
    """What the instances say of the lease, and when they last said so."""

    run_id: str
    format: str = str(FORMAT)
    milliseconds: int = 2000
    silent: bool = False
    # The instance that has learned heads; empty where all have.
    learned: str = ""
    at: float = 0.0

    def text(self) -> str:
        """Return the answer to a worker of nginx, noting the time; empty for none."""
        if self.silent:
            return ""
        said = {
            "format": self.format,
            "milliseconds": self.milliseconds,
            "generation": "g",
            "run_id": self.run_id,
            "signing": "s",
            "query": "(?:cursor=([np][0-9]+))?(?:(?:^|&)limit=([0-9]+))?",
            **KEYS,
        }
        self.at = monotonic()
        return "".join(f"{name} {value}\n" for name, value in said.items())


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    told: Told

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet: nginx hangs up when it ends."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """Answer a question of nginx, or a request."""
        answers: dict[str, Callable[[], str]] = {
            "/_edge/lease": self.server.told.text,
            "/_edge/caller": lambda: "7 1 3 9999999999\n",
            "/_edge/head": lambda: "http://here\nContent-Type: application/json\nX-Two: words\n",
        }
        question, learned = self.path.partition("?")[0], self.server.told.learned
        body = answers.get(question, lambda: "by an instance")().encode()
        if question == "/_edge/head" and not str(self.server.server_address).endswith(learned):
            body = b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "nginx"

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def store(server: RedisServer) -> None:
    """Keep an account and a page of its feed, as the site does."""
    with redis.Redis(unix_socket_path=str(server.socket)) as client:
        shared = {"s": "9999999999999", "x": ""}
        body = '[7,"name",1,"hash"]'
        client.hset("account:7:3", mapping={**shared, "d": '["u"]', "t": TOKEN, "l": "", "b": body})
        page = {"d": '["f","p"]', "t": TOKEN * 2, "l": '["n"]', "b": PAGE}
        client.hset("page:7:::http://here", mapping={**shared, **page})
        for key in "ufp":
            client.set(key, f"{TOKEN}:1")
        client.set("n", f'{TOKEN}:1 "like_count":2')


@pytest.fixture(scope="module")
def own() -> Iterator[RedisServer]:
    """Start a Redis for this module."""
    server = RedisServer()
    yield server
    server.close()


@pytest.fixture
def run_id(own: RedisServer) -> str:
    """Return the id of its run, which holds an account and a page."""
    own.ask("FLUSHALL")
    store(own)
    with redis.Redis(unix_socket_path=str(own.socket)) as client:
        return str(client.info("server")["run_id"])


@dataclass
class Front:
    """An nginx with the edge, and what its instances say."""

    line: httpx.Client
    told: Told

    def ask(self, path: str = FEED) -> bytes:
        """Return the body of an answer."""
        return self.line.get(path, headers={"Authorization": "Bearer a"}).content

    def hits(self) -> bool:
        """Ask, and tell whether nginx has answered itself."""
        body = self.ask()
        assert body in {SHOWN, b"by an instance"}
        return body == SHOWN

    def hits_at_last(self) -> bool:
        """Tell whether nginx answers itself within some seconds."""
        end = monotonic() + 20
        while monotonic() < end:
            if self.hits():
                return True
            sleep(0.02)
        return False

    def outcomes(self) -> set[str]:
        """Return what has happened to requests so far."""
        return set(re.findall(r'outcome="(\w+)"', self.line.get("/metrics/edge").text))


class Start(Protocol):
    """Starts an nginx with the edge."""

    def __call__(self, told: Told, password_file: str = "", variant: str = "nginx.conf") -> Front:
        """Start it before instances that say so; the file has the password of Redis."""


@pytest.fixture
def fronts(own: RedisServer, run_id: str) -> Iterator[Start]:
    """Return what starts an nginx with the edge before three instances."""
    with ExitStack() as stack:

        def start(told: Told, password_file: str = "", variant: str = "nginx.conf") -> Front:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="minigram-edge-")))
            for number in (1, 2, 3):
                server = _Server(str(folder / f"web{number}.sock"), _Handler)
                server.told = told
                stack.callback(server.server_close)
                stack.callback(server.shutdown)
                threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
            options = {
                "EDGE_REDIS": f"unix:{own.socket}",
                "EDGE_REDIS_PASSWORD_FILE": password_file,
            }
            make_certificate(folder)
            address = stack.enter_context(nginx(folder, variant, **options))
            scheme = "http" if variant == "nginx.conf" else "https"
            line = httpx.Client(
                base_url=f"{scheme}://{address}",
                trust_env=False,
                timeout=20,
                verify=False,  # noqa: S501 - a certificate that signs itself
            )
            return Front(stack.enter_context(line), told)

        yield start


@pytest.mark.parametrize("variant", VARIANTS)
def test_nginx_accepts_the_edge(variant: str, tmp_path: Path) -> None:
    make_certificate(tmp_path)
    write(tmp_path, values(tmp_path), edge=True)
    checked = check(tmp_path, variant)
    assert "test is successful" in checked.stderr
    assert not re.search(r"\[(warn|emerg|crit)\]", checked.stderr)


def test_it_answers_what_redis_holds_with_the_head_that_an_instance_tells(
    fronts: Start, run_id: str
) -> None:
    front = fronts(Told(run_id))
    assert front.hits_at_last()
    answer = front.line.get(FEED, headers={"Authorization": "Bearer a"})
    assert (answer.headers["X-Two"], answer.headers["Content-Type"]) == (
        "words",
        "application/json",
    )
    assert answer.headers["X-Request-ID"]


@pytest.mark.parametrize("instance", ["web1.sock", "web2.sock", "web3.sock"])
def test_any_instance_may_have_learned_the_head(fronts: Start, run_id: str, instance: str) -> None:
    assert fronts(Told(run_id, learned=instance)).hits_at_last()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("u", f"W{TOKEN[1:]}:1"),
        ("f", f"P:0|99:{'x' * 11}"),
        ("p", None),
        ("n", f"{TOKEN}:1"),
        ("n", f"P:0|99:{'x' * 11}"),
        ("n", None),
    ],
)
def test_a_token_or_leaf_that_is_not_the_present_one_leaves_it_to_an_instance(
    fronts: Start, own: RedisServer, run_id: str, key: str, value: str | None
) -> None:
    front = fronts(Told(run_id))
    assert front.hits_at_last()
    own.ask(*(["DEL", key] if value is None else ["SET", key, value]))
    assert not front.hits()
    store(own)
    assert front.hits()


def test_counts_are_those_of_now(fronts: Start, own: RedisServer, run_id: str) -> None:
    front = fronts(Told(run_id))
    assert front.hits_at_last()
    own.ask("SET", "n", f'{TOKEN}:2 "like_count":3')
    assert front.ask() == SHOWN.replace(b'"like_count":2', b'"like_count":3')


def test_the_lease_is_not_used_for_longer_than_an_instance_may_use_it(
    fronts: Start, run_id: str
) -> None:
    told = Told(run_id, milliseconds=900)
    front = fronts(told)
    assert front.hits_at_last()
    told.silent = True
    sleep(0.2)  # an answer may be on its way
    end = told.at + 0.9
    while (sent := monotonic()) < end + 1:
        assert not (front.hits() and sent >= end)
    assert "lease" in front.outcomes()


@pytest.mark.parametrize("fault", [{"run_id": "f" * 40}, {"format": "1"}, {"silent": True}])
def test_without_a_lease_on_this_run_of_redis_instances_answer(
    fronts: Start, run_id: str, fault: dict[str, str]
) -> None:
    told = Told(**{"run_id": run_id, **fault})  # type: ignore[arg-type]
    front = fronts(told)
    end = monotonic() + 1.5
    while monotonic() < end:
        assert not front.hits()
    assert front.outcomes() == {"lease"}


def test_a_password_is_read_from_a_file_of_its_own(
    fronts: Start, own: RedisServer, run_id: str, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.touch(mode=0o600)
    file.write_text("long and random\n")
    own.ask("CONFIG", "SET", "requirepass", "long and random")
    try:
        assert fronts(Told(run_id), str(file)).hits_at_last()
        assert not fronts(Told(run_id)).hits()
    finally:
        with redis.Redis(unix_socket_path=str(own.socket), password="long and random") as client:
            client.config_set("requirepass", "")


def test_it_is_off_where_it_cannot_be_and_says_so(tmp_path: Path) -> None:
    modules = (tmp_path / "missing.so",)
    socket = tmp_path / "redis.sock"
    assert Edge.of({"EDGE": "on"}, socket).is_on
    assert not Edge.of({}, socket).is_on
    assert not Edge.of({"EDGE": "off"}, socket).report
    for edge in (Edge(wanted=True, redis=socket, modules=modules), Edge(wanted=True, redis=None)):
        assert not edge.is_on
        assert "The edge is off" in edge.report
    assert PACKAGE in Edge(wanted=True, redis=socket, modules=modules).report
    with pytest.raises(ClusterError, match="on or off"):
        Edge.of({"EDGE": "yes"}, socket)


def test_the_script_for_hosts_switches_it_on_and_off(tmp_path: Path) -> None:
    filled = {name: str(value) for name, value in values(tmp_path).items()}
    write(tmp_path, dict(filled))
    command = [str(PROJECT / "infra" / "bin" / "set-edge"), str(tmp_path)]

    def set_edge(switch: str) -> int:
        env = {**os.environ, **filled, "EDGE": switch}
        return subprocess.run(command, env=env, check=False, capture_output=True).returncode

    assert set_edge("on") == 0
    assert len(list(tmp_path.glob("edge-*.conf"))) == 3
    assert "test is successful" in check(tmp_path, "nginx.conf").stderr
    assert set_edge("maybe") == 1
    assert set_edge("off") == 0
    assert list(tmp_path.glob("edge-*.conf")) == []


def test_it_answers_over_http_2(fronts: Start, run_id: str) -> None:
    front = fronts(Told(run_id), variant="nginx-tls.conf")
    command = ["curl", "--http2", "--insecure", "--silent", "--write-out", "%{http_version}"]
    command += ["--header", "Authorization: Bearer a", str(front.line.base_url.join(FEED))]

    def answer() -> bytes:
        return subprocess.run(command, check=True, capture_output=True).stdout

    end = monotonic() + 20
    while (body := answer()) == b"by an instance2":
        assert monotonic() < end, front.outcomes()
    assert body == SHOWN + b"2"
