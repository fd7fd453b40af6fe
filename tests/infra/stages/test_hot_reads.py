"""The hot reads on real servers: who answers them, what they cost, and that nothing is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

import pytest

from infra.cluster import Cluster
from infra.lab.bench.server import environment, serving
from infra.project import free_port
from tests.infra.costs import Case, ClusterSite, always, call
from tests.infra.stages.clients import until
from tests.infra.stages.conftest import PASSWORD

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages")]
FEED = "/api/v1/feed/"


def bearer_of(site: ClusterSite) -> str:
    """Return the header of somebody who has logged in."""
    credentials = {"username": "user1", "password": PASSWORD}
    return f"Bearer {call(site, 'POST', '/api/v1/auth/token/', credentials)['access']}"


def feed_answers(site: ClusterSite, source: str) -> float:
    """Return how many pages of feeds the lean path has answered, with or without SQL."""
    counted = json.loads(site.cluster.manage("counters", "--json"))
    return float(counted["answers"].get("feed", {}).get(source, 0))


@pytest.fixture
def site(stage2: Cluster) -> ClusterSite:
    """Return Stage 2 as something that can be measured."""
    return ClusterSite(stage2)


@pytest.fixture
def bearer(site: ClusterSite) -> str:
    """Return the header of somebody who has logged in to Stage 2."""
    return bearer_of(site)


@pytest.fixture
def floor() -> Iterator[Case]:
    """Return a server that does nothing."""
    env = environment(Path(), free_port())
    with serving(env, "infra.lab.bench.floor:application", "/") as server:
        yield Case("floor", server, always("/"))


def test_a_read_costs_a_few_times_what_answering_nothing_costs(
    site: ClusterSite, bearer: str, floor: Case
) -> None:
    lean = Case("lean", site, always(FEED), {"Authorization": bearer})
    django = Case("Django", site, always(FEED), {"Authorization": bearer, "Cookie": "a=b"})
    for _ in range(2):
        for case in (floor, lean, django):
            # Ticks of 10 ms: fewer requests cannot tell what the floor costs.
            case.measure(300)
    assert median(lean.cpu_us) < 8 * median(floor.cpu_us)
    assert median(lean.cpu_us) < 0.7 * median(django.cpu_us)


def test_it_is_the_lean_path_that_answers(site: ClusterSite, bearer: str) -> None:
    Case("warm", site, always(FEED), {"Authorization": bearer}).measure(1)
    before = feed_answers(site, "sql")
    Case("lean", site, always(FEED), {"Authorization": bearer}).measure(20)
    # 100 to warm up, and what was asked for.
    assert feed_answers(site, "sql") - before == 120


def test_a_hundred_refusals_keep_no_connection(site: ClusterSite, bearer: str) -> None:
    """Each begins on the lean path, which has a connection by then, and ends with Django."""
    connection = HTTPConnection("127.0.0.1", site.port, timeout=30)
    for _ in range(100):
        connection.request("GET", "/api/v1/photos/5/", headers={"Authorization": bearer})
        response = connection.getresponse()
        response.read()
        assert response.status == 404
    connection.close()
    Case("after", site, always(FEED), {"Authorization": bearer}, at_once=8).measure(80)


def test_with_redis_a_read_needs_neither_django_nor_the_database(
    stage5: Cluster, floor: Case
) -> None:
    site = ClusterSite(stage5)
    lean = Case("lean", site, always(FEED), {"Authorization": bearer_of(site)})
    until(lambda: _is_kept(site, lean), 40)
    before = feed_answers(site, "no_sql")
    lean.costs.clear()
    for _ in range(2):
        for case in (floor, lean):
            case.measure(300)
    assert feed_answers(site, "no_sql") - before > 0.95 * 800
    # By nginx to three instances in turn a hit costs twice what it does at one (ADR 0018).
    assert median(lean.cpu_us) < 10 * median(floor.cpu_us)


def _is_kept(site: ClusterSite, lean: Case) -> bool:
    before = feed_answers(site, "no_sql")
    lean.measure(10)
    return feed_answers(site, "no_sql") > before
