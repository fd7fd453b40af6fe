"""PostgreSQL has enough connections for all that is started, or the start is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from infra.ops.connection_budget import DEFAULT_LIMIT, Demand, find_excess

pytestmark = pytest.mark.database

PROJECT = Path(__file__).parents[3]
# Nobody listens there: a start must not depend on the database.
DOWN = "postgres://minigram:topsecret@127.0.0.1:1/minigram"
postgresql_only = pytest.mark.skipif(connection.vendor == "sqlite", reason="needs PostgreSQL")


@pytest.mark.parametrize(
    ("instances", "processes", "pool", "fits"),
    [(1, 1, 8, True), (3, 3, 8, True), (3, 4, 8, False), (1, 1, 89, True), (1, 1, 90, False)],
)
def test_instances_processes_and_pools_multiply(
    instances: int, processes: int, pool: int, *, fits: bool
) -> None:
    assert (Demand(instances, processes, pool, monitor=0).excess(DEFAULT_LIMIT) == "") is fits


def test_the_refusal_names_numbers_and_variables() -> None:
    sentence = Demand(3, 4, 8, monitor=1).excess(DEFAULT_LIMIT)
    for part in (
        "3 instances (INSTANCES)",
        "4 processes each (WEB_CONCURRENCY)",
        "8 connections",
        "DATABASE_URL",
        "121",
        "100",
    ):
        assert part in sentence


def _gunicorn(url: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gunicorn", "--config", "infra/gunicorn.conf.py"]
    return subprocess.run(
        [*command, "minigram_site.wsgi:application"],
        env={**os.environ, "DATABASE_URL": url, "BIND": "127.0.0.1:0", **variables},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.slow
def test_gunicorn_does_not_start_with_more_than_there_are() -> None:
    run = _gunicorn(DOWN, INSTANCES="4", WEB_CONCURRENCY="3")
    assert run.returncode != 0
    assert "MiniGram cannot start: 4 instances (INSTANCES) with 3 processes" in run.stderr
    assert "topsecret" not in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.slow
def test_a_larger_pool_counts_as_well() -> None:
    run = _gunicorn(f"{DOWN}?pool=50", INSTANCES="2")
    assert "50 connections per process" in run.stderr


@pytest.mark.slow
def test_a_database_that_is_down_is_no_reason_not_to_start() -> None:
    code = (
        "import django; django.setup(); from infra.ops.connection_budget import find_excess;"
        "print(repr(find_excess(instances=1, processes=1)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={
            **os.environ,
            "DATABASE_URL": DOWN,
            "DJANGO_SETTINGS_MODULE": "minigram_site.settings",
        },
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert run.stdout == "''\n"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="is about SQLite")
def test_sqlite_has_no_connections_to_run_out_of() -> None:
    assert find_excess(instances=32, processes=64) == ""


@postgresql_only
def test_the_deployment_check_says_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSTANCES", "12")
    with pytest.raises(SystemCheckError, match="12 instances"):
        call_command("check", "--deploy", "--tag", "database", "--database", "default")


@postgresql_only
@pytest.mark.django_db
def test_a_server_with_a_lower_limit_is_asked() -> None:
    pool = settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]
    # 10 x 9 + 10 are not above a hundred, of which PostgreSQL keeps three for superusers.
    assert pool == 8
    assert "there are 97" in find_excess(instances=10, processes=1)
    assert find_excess(instances=9, processes=1) == ""
