"""The Fastify service as a contestant: node, a PostgreSQL of its own and, for one variant, Redis.

PostgreSQL and Redis run with the configuration of the project's stages, and the rows are those of
the site that is measured. npm installs what ``package-lock.json`` names into a temporary folder.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import mkdtemp

import psycopg

from infra.cluster.layout import Layout, claim, new_run_folder, purge_data
from infra.cluster.lifecycle.starting import Starter
from infra.cluster.lifecycle.stopping import stop_all
from infra.cluster.processes.oneshot import OneShotRunner
from infra.cluster.processes.process import Process
from infra.cluster.servers.http_probe import http_status
from infra.cluster.servers.part import Part
from infra.cluster.servers.postgres import DATABASE, PORTS, PRIMARY, PostgresServers
from infra.cluster.servers.redis import RedisServer
from infra.lab.bench import rows
from infra.lab.bench.contestants import POSTGRESQL, REDIS, StageSite, Statements
from infra.lab.bench.cpu import cpu_seconds
from infra.lab.bench.crowd import Crowd
from infra.lab.bench.workload import done_and_undone, readers
from infra.lab.bench.wrk import Request
from infra.lab.measure.databases import connect
from infra.project import free_port

SOURCE = Path(__file__).parent / "fastify"
FILES = ("package.json", "package-lock.json", "server.js")
VARIANTS = {"Fastify": False, "Fastify, feed 5 s old": True}
NODE = "node"
KINDS = {NODE: NODE, PRIMARY: POSTGRESQL, "redis": REDIS}
WORKERS = 2
OLDEST_NODE = 20
INSTALL_SECONDS = 300
STOP_SECONDS = 10
TOKEN_SECONDS = 86_400
# What the service needs of a site's tables, and into which of its own tables that goes.
COPIED = {
    "person": "SELECT id, username, display_name FROM accounts_user",
    "photo": """
        SELECT p.id, p.author_id, p.caption, p.alt_text, p.width, p.height,
               p.renditions -> 1 ->> 2, s.like_count,
               timestamptz 'epoch' + (p.id >> 22) * interval '1 ms'
          FROM photos_photo AS p JOIN photos_photostats AS s ON s.photo_id = p.id""",
    "follow": "SELECT follower_id, followee_id FROM accounts_follow",
    "photo_like": "SELECT photo_id, user_id FROM photos_like",
}


class PeerMissing(Exception):
    """The service cannot be measured; the message says what is missing."""


@dataclass
class FastifyPeer:
    """The running service: its processes by name, and people with tokens of its own."""

    label: str
    port: int
    processes: Mapping[str, Process]
    crowd: Crowd

    def requests(self, row: rows.Row, dice: Random) -> list[Request]:
        """Return the requests of a row; none if the service has no such thing."""
        crowd = self.crowd
        if row is rows.FEED:
            names = dice.sample(list(crowd.names), len(crowd.names))
            return [Request("GET", "/feed", crowd.header_of(name)) for name in names]
        if row is rows.PHOTO:
            return [
                Request("GET", f"/photos/{dice.choice(crowd.photos)}", crowd.header_of(name))
                for name in readers(crowd, dice)
            ]
        if row is rows.LIKE:
            actors = readers(crowd, dice)
            paths = [f"/photos/{dice.choice(crowd.photos)}/like" for _ in actors]
            return done_and_undone(crowd, dice, paths)
        return []

    def cpu(self) -> dict[str, float]:
        """Return the CPU seconds of node, PostgreSQL and Redis so far."""
        return cpu_seconds({KINDS[name]: [one.pid] for name, one in self.processes.items()})

    def statements(self) -> Statements | None:
        """Return nothing: they are known, one for each request."""
        return None

    def is_done(self, _accepted: Sequence[str]) -> bool:
        """Tell that all work is done: it accepts none for later."""
        return True


@contextmanager
def running_peers(site: StageSite, report: Callable[[str], None]) -> Iterator[list[FastifyPeer]]:
    """Run both variants on copies of the site's rows for the body of the ``with``.

    Raises ``PeerMissing`` without node, npm, the packages that npm installs, or PostgreSQL at the
    site; and ``ClusterError`` if a server does not start.
    """
    if PRIMARY not in site.databases:
        raise PeerMissing("The peer gets its rows from PostgreSQL: measure Stage 2 or later.")
    require_node()
    folder = Path(mkdtemp(prefix="minigram-fastify-"))
    # PostgreSQL's user must be able to enter.
    folder.chmod(0o755)
    started: list[_Service] = []
    try:
        report("Fastify: installing ...")
        install(folder / "service")
        for number, (label, with_redis) in enumerate(VARIANTS.items()):
            report(f"{label}: starting and copying the rows ...")
            started.append(_Service(folder / str(number), folder / "service", with_redis))
            started[-1].start(site)
        yield [one.as_peer(label, site) for label, one in zip(VARIANTS, started, strict=True)]
    finally:
        for one in started:
            one.stop()
        shutil.rmtree(folder, ignore_errors=True)


def require_node() -> None:
    """Check that node and npm are there; raises ``PeerMissing`` with what is missing or too old."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing:
        raise PeerMissing(
            f"The Fastify service needs {' and '.join(missing)}: install Node.js "
            f"{OLDEST_NODE} or later, or leave --peer out."
        )
    printed = _output(["node", "--version"])
    major = re.match(r"v(\d+)", printed)
    if major is None or int(major[1]) < OLDEST_NODE:
        raise PeerMissing(f"The Fastify service needs Node.js {OLDEST_NODE}, not {printed}.")


def install(folder: Path) -> None:
    """Copy the service into a folder and install the packages that its lock file names.

    Raises ``PeerMissing`` with npm's words if that fails.
    """
    folder.mkdir()
    for name in FILES:
        shutil.copy(SOURCE / name, folder)
    _output(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], folder)


def token(identifier: str, key: str, now: float) -> str:
    """Return a JSON Web Token (RFC 7519, HS256) for the person with this id."""
    claims = {"id": identifier, "iat": int(now), "exp": int(now) + TOKEN_SECONDS}
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    signed = b".".join(_base64(json.dumps(part).encode()) for part in parts)
    return b".".join(
        [signed, _base64(hmac.new(key.encode(), signed, hashlib.sha256).digest())]
    ).decode()


class _Service:
    """The servers of one variant in a folder of their own."""

    def __init__(self, data: Path, program: Path, with_redis: bool) -> None:  # noqa: FBT001
        claim(data)
        self.layout = Layout(data, Path(new_run_folder()))
        self.program = program
        self.port = free_port()
        self.key = secrets.token_urlsafe(32)
        self.processes: dict[str, Process] = {}
        self.postgres = PostgresServers(self.layout, OneShotRunner(), (), {})
        self.redis = RedisServer(self.layout) if with_redis else None

    def start(self, site: StageSite) -> None:
        self.layout.make()
        servers = [*self.postgres.parts(), *([self.redis.part()] if self.redis else [])]
        self._starter().run_all(servers)
        self._copy_rows(site)
        self._starter().start(self._node())

    def stop(self) -> None:
        if NODE in self.processes:
            self.processes[NODE].terminate(signal.SIGTERM, STOP_SECONDS)
        stop_all(self.processes)
        purge_data(self.layout.data)
        shutil.rmtree(self.layout.run, ignore_errors=True)

    def as_peer(self, label: str, site: StageSite) -> FastifyPeer:
        with self._connect() as connection:
            found = connection.execute("SELECT username, id FROM person").fetchall()
        ids = {str(name): str(number) for name, number in found}

        def issue(names: Sequence[str]) -> dict[str, str]:
            return {name: token(ids[name], self.key, time.time()) for name in names}

        crowd = Crowd(site.crowd.names, issue, photos=site.crowd.photos)
        return FastifyPeer(label, self.port, self.processes, crowd)

    def _copy_rows(self, site: StageSite) -> None:
        with self._connect() as own, closing(connect(site.databases[PRIMARY])) as other:
            own.execute((SOURCE / "schema.sql").read_text())
            for table, query in COPIED.items():
                # Statements of ours; nothing in them comes from outside.
                reading, writing = f"COPY ({query}) TO STDOUT", f"COPY {table} FROM STDIN"
                with (
                    other.cursor().copy(reading) as rows_out,
                    own.cursor().copy(writing) as rows_in,
                ):
                    for block in rows_out:
                        rows_in.write(block)
            own.execute("VACUUM ANALYZE")

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self.layout.postgres_sockets),
            port=PORTS[PRIMARY],
            user="postgres",
            password=self.layout.secret("superuser"),
            dbname=DATABASE,
            autocommit=True,
        )

    def _node(self) -> Part:
        env = {
            "PATH": os.environ.get("PATH", ""),
            "NODE_ENV": "production",
            "PORT": str(self.port),
            "WORKERS": str(WORKERS),
            "JWT_SECRET": self.key,
            "PGHOST": str(self.layout.postgres_sockets),
            "PGPORT": str(PORTS[PRIMARY]),
            "PGUSER": "postgres",
            "PGPASSWORD": self.layout.secret("superuser"),
            "PGDATABASE": DATABASE,
        }
        if self.redis:
            env["REDIS_SOCKET"] = str(self.redis.socket)
        return Part(
            name=NODE,
            role="Fastify",
            address=str(self.port),
            command=[shutil.which("node") or "node", str(self.program / "server.js")],
            env=env,
            # Without a token it answers 401.
            is_ready=lambda: http_status(str(self.port), "/feed", "127.0.0.1") == 401,
        )

    def _starter(self) -> Starter:
        return Starter(
            self.layout,
            self.postgres.runner,
            self.processes.get,
            self.processes.__setitem__,
            lambda _: None,
        )


def _base64(value: bytes) -> bytes:
    return base64.urlsafe_b64encode(value).rstrip(b"=")


def _output(command: list[str], folder: Path | None = None) -> str:
    """Run a command of Node.js; raises ``PeerMissing`` with the end of its output if it fails."""
    run = subprocess.run(  # noqa: S603 - our own commands
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS
    )
    if run.returncode:
        told = (run.stderr or run.stdout).strip()[-500:]
        raise PeerMissing(f"{' '.join(command[:2])} has failed: {told}")
    return run.stdout.strip()
