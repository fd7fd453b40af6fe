"""What a run ran on: the machine, the versions, the commit and the set-up of the stage."""

from __future__ import annotations

import platform
import re
import shutil
import sqlite3
import subprocess
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg

from infra.lab.measure.databases import addresses, connect
from infra.lab.measure.redis_server import redis_info
from infra.lab.measure.target import Target
from infra.lab.records import Configuration, Machine
from infra.project import PROJECT

PACKAGES = ("django", "djangorestframework", "gunicorn", "psycopg", "redis", "locust")
# Connections that a worker may have where its address does not say (minigram_site.database_url).
DEFAULT_POOL = 8
SHOWN = ("shared_buffers", "synchronous_commit", "synchronous_standby_names", "max_connections")


def machine() -> Machine:
    """Return processor, memory, kernel and Python of this machine, without its name."""
    return Machine(
        cpu=_cpu_model(),
        cores=psutil.cpu_count() or 1,
        memory_gib=round(psutil.virtual_memory().total / 1024**3, 1),
        kernel=platform.release().partition("-")[0],
        python=platform.python_version(),
    )


def _cpu_model() -> str:
    with suppress(OSError):
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.M)
        if found:
            return found[1].strip()
    return platform.machine()


def commit() -> str:
    """Return the commit of this checkout, with ``+`` where files differ from it."""
    if shutil.which("git") is None or not (PROJECT / ".git").exists():
        return "unknown"
    head = _output(["git", "rev-parse", "--short", "HEAD"])
    changed = _output(["git", "status", "--porcelain", "--untracked-files=no"])
    return f"{head}+" if changed else head or "unknown"


def _output(command: list[str]) -> str:
    run = subprocess.run(  # noqa: S603 - our own commands
        command, cwd=PROJECT, capture_output=True, text=True, check=False
    )
    # nginx tells its version on standard error.
    return (run.stdout or run.stderr).strip() if run.returncode == 0 else ""


def versions(target: Target) -> dict[str, str]:
    """Return the versions of everything that answers requests or sends them."""
    found = {name: version(name) for name in PACKAGES}
    servers = addresses(target.env)
    if not servers:
        found["sqlite"] = sqlite3.sqlite_version
    with suppress(psycopg.Error, KeyError):
        found["postgresql"] = _show(servers["postgres"], "server_version").partition(" ")[0]
    if target.has("nginx"):
        found["nginx"] = _output(["nginx", "-v"]).rpartition("/")[2].partition(" ")[0]
    if info := redis_info(target.env):
        found["redis server"] = str(info["redis_version"])
    return found


def configuration(target: Target) -> Configuration:
    """Return how the stage is set up, and how large its data set is."""
    env = target.env
    info = redis_info(env)
    return Configuration(
        instances=len(target.instances()),
        workers=int(env.get("WEB_CONCURRENCY") or 1),
        threads=int(env.get("THREADS") or 8),
        pool=pool_of(env.get("DATABASE_URL", "")),
        replicas=max(0, len(addresses(env)) - 1),
        cache_mb=int(info.get("maxmemory", 0)) // 1024**2 if info else 0,
        background_worker=env.get("BACKGROUND_WORKER") == "true",
        edge=env.get("EDGE") == "on",
        data=target.data_set.sizes(),
        settings=_settings(addresses(env)) | ({"EDGE": "on"} if env.get("EDGE") == "on" else {}),
    )


def pool_of(url: str) -> int:
    """Return how many connections a worker may have to this database; 0 where there is no pool."""
    if not url.startswith("postgres"):
        return 0
    given = parse_qs(urlsplit(url).query).get("pool")
    return int(given[0]) if given else DEFAULT_POOL


def _settings(servers: dict[str, str]) -> dict[str, str]:
    if "postgres" not in servers:
        return {}
    with suppress(psycopg.Error):
        return {name: _show(servers["postgres"], name) for name in SHOWN}
    return {}


def _show(address: str, name: str) -> str:
    with connect(address) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    return str(row[0]) if row else ""
