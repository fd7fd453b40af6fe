"""Sentinels replace a Redis that is lost: no request fails, no answer is wrong, and it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import sleep
from typing import Any

import pytest

from infra.cluster import Cluster, running
from infra.cluster.lifecycle.status import rows
from infra.cluster.servers.sentinel import SENTINELS, SERVERS
from infra.lab.measure.redis_server import redis_client
from tests.infra.load import Load
from tests.infra.stages.clients import until
from tests.infra.stages.conftest import PASSWORD, SIZES, Stages, folder_in_memory
from tests.infra.stages.test_stage_5 import is_used, pairs

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages")]


@pytest.fixture(scope="module")
def site(stages: Stages) -> Iterator[Cluster]:
    """Return a Stage 5 of these tests' own, the only one that runs."""
    stages.stop_all()
    with (
        folder_in_memory() as folder,
        running(5, folder, sentinels=True, RATE_LIMITS="false") as cluster,
    ):
        cluster.manage("populate", *SIZES, f"--password={PASSWORD}", "--verbosity=0")
        yield cluster


@pytest.fixture(autouse=True)
def whole(site: Cluster) -> None:
    """Begin with a primary that all instances use, a replica of it, and Sentinels that agree."""
    site.start(*SERVERS, *SENTINELS)
    until(lambda: sorted(roles(site).values()) == ["primary", "replica"], 60)
    until(lambda: all(agrees(site, name) for name in SENTINELS), 60)
    until(lambda: is_used(site), 120)


def roles(cluster: Cluster) -> dict[str, str]:
    """Return what ``cluster status`` says that each Redis is; nothing of one that is down."""
    shown = {row.name: row.role for row in rows(cluster) if row.name in SERVERS}
    return {name: role.rpartition(", ")[2] for name, role in shown.items()}


def primary(cluster: Cluster) -> str:
    """Return the name of the one that takes writes and answers."""
    return next(name for name, role in roles(cluster).items() if role == "primary")


def agrees(cluster: Cluster, name: str) -> bool:
    """Tell whether a Sentinel could reach a majority, and knows of a replica that is well."""
    part = next(one for one in cluster.parts if one.name == name)
    url = cluster.env["CACHE_URL"]
    password = url.partition("://:")[2].partition("@")[0]
    with redis_client(f"redis://:{password}@127.0.0.1:{part.address}/0") as sentinel:
        known: Any = sentinel.sentinel_master("minigram")
    return (known["num-other-sentinels"], known["num-slaves"], known["flags"]) == (2, 1, "master")


def killed(cluster: Cluster, name: str) -> None:
    cluster.kill(name)


def cut_off(cluster: Cluster, name: str) -> None:
    """Let it keep its connections and answer nobody until another one is the primary."""
    cluster.pause(name)


@pytest.mark.parametrize("lost", [killed, cut_off])
def test_a_lost_primary_is_replaced_and_nothing_goes_wrong(
    site: Cluster, lost: Callable[[Cluster, str], None]
) -> None:
    former = primary(site)
    other = next(name for name in SERVERS if name != former)
    with Load(site.url, PASSWORD, clients=4) as load, pairs(site) as watched:
        sleep(1)
        lost(site, former)
        until(lambda: roles(site)[other] == "primary", 60)
        until(lambda: is_used(site), 60)
        # It comes back with what it held, believing itself to be the primary.
        site.start(former)
        until(lambda: sorted(roles(site).values()) == ["primary", "replica"], 60)
        until(lambda: min(pair.rounds for pair in watched) > 3, 60)
    assert [pair.wrong for pair in watched] == [[], [], []]
    load.verdict().assert_flawless()
    assert primary(site) == other


def test_a_lost_sentinel_is_not_missed(site: Cluster) -> None:
    former = primary(site)
    site.kill(SENTINELS[0])
    site.kill(former)
    until(lambda: "primary" in {roles(site)[name] for name in SERVERS if name != former}, 60)
    until(lambda: is_used(site), 60)
