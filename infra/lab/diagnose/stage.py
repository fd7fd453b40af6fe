"""Checks of a running cluster: that it has the parts of its stage, and that each answers."""

from __future__ import annotations

import json
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from socket import AF_UNIX, SOCK_STREAM, socket

from infra.cluster import Cluster, ClusterError
from infra.doctor.findings import Findings

AREA = "stage"
SECONDS = 5


def look_at_stage(found: Findings, cluster: Cluster, stage: int) -> None:
    """Check every part and every instance, and what the environment of the stage must name.

    A part that does not run is raised as ``LookupError`` inside its check, which notes it.
    """
    for part in cluster.parts:
        with found.checking(
            AREA, part.name, f"Start it: manage.py cluster start {part.name}"
        ) as look:
            if not cluster.is_alive(part.name):
                raise LookupError("it does not run")
            look.detail = part.role
    for part in cluster.parts:
        if part.name.startswith("web"):
            advice = f"Look at its log, and restart it: manage.py cluster restart {part.name}"
            with found.checking(AREA, f"{part.name} is ready", advice):
                ready(part.address, f"127.0.0.1:{cluster.port}")
    look_at_environment(found, cluster.env, stage)
    _look_inside(found, cluster)


def ready(where: str, host: str) -> None:
    """Ask one instance whether it is ready, past the proxy.

    ``where`` is its port or the path of its socket, ``host`` the name in the request. Raises
    ``LookupError`` for a status other than 200, ``ConnectionError`` or another ``OSError`` if it
    does not answer within five seconds.
    """
    by_socket = where.startswith("/")
    line = HTTPConnection("127.0.0.1", 0 if by_socket else int(where), timeout=SECONDS)
    try:
        if by_socket:
            line.sock = socket(AF_UNIX, SOCK_STREAM)
            line.sock.settimeout(SECONDS)
            line.sock.connect(where)
        headers = {"Host": host, "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http"}
        line.request("GET", "/readyz", headers=headers)
        response = line.getresponse()
        body = response.read()
    except HTTPException as error:
        raise ConnectionError(repr(error)) from error
    finally:
        line.close()
    if response.status != 200:
        raise LookupError(f"it answers {response.status}: {body[:150]!r}")


def look_at_environment(found: Findings, env: dict[str, str], stage: int) -> None:
    """Compare the environment with what makes the stage."""
    wanted = {
        "PostgreSQL": (2, env["DATABASE_URL"].startswith("postgres"), "DATABASE_URL"),
        "two replicas": (
            4,
            env.get("DATABASE_REPLICA_URLS", "").count("://") >= 2,
            "DATABASE_REPLICA_URLS",
        ),
        "a shared cache": (5, env.get("CACHE_URL", "").startswith("redis"), "CACHE_URL"),
    }
    for what, (first, there, name) in wanted.items():
        if stage >= first and not there:
            found.fail(AREA, what, f"Stage {stage} has none", f"Set {name}.")
        elif stage >= first:
            found.ok(AREA, what, f"by {name}")


def _look_inside(found: Findings, cluster: Cluster) -> None:
    """Run the diagnosis of the site in its own environment, and add its rows."""
    advice = "Run manage.py lab diagnostic in the environment of the site."
    output = ""
    with suppress(ClusterError):
        output = cluster.manage("lab", "diagnostic", "--json", "--url", cluster.url)
    with found.checking(AREA, "diagnosis of the site", advice):
        rows = json.loads(output.strip().splitlines()[-1])
    if found.rows[-1].state == "ok":
        found.extend(rows)
