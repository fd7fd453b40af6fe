"""Stage 4 loses servers: reads go on, nothing that was acknowledged is lost."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from time import monotonic, sleep

import pytest

from infra.cluster import Cluster
from tests.infra.load import WRITES, Load
from tests.infra.stages.clients import (
    REPLICAS,
    App,
    Browser,
    Instances,
    reads,
    replay_paused,
    until,
    used,
)
from tests.infra.stages.conftest import PASSWORD

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages")]

ALL = {"default", *REPLICAS}
# More of the log than a replica may lack (minigram_site.db.replica_set).
MUCH = (
    "SELECT pg_logical_emit_message(false, 'test', repeat('x', 1000000))"
    " FROM generate_series(1, 20)"
)


@pytest.fixture(autouse=True)
def level_replicas(stage4: Cluster) -> None:
    """Begin with all servers used by all instances, and writes on two of them."""
    for instance in ("web1", "web2", "web3"):
        until(lambda instance=instance: used(stage4, instance) == ALL)  # type: ignore[misc]
    until(lambda: _standbys(stage4) == "ANY 1 (replica1, replica2)")


@pytest.fixture
def replica2_made_anew(stage4: Cluster) -> Iterator[None]:
    """Throw replica2 away after the test: once promoted it cannot follow again."""
    yield
    stage4.stop("replica2")
    shutil.rmtree(stage4.layout.postgres_data / "replica2")
    stage4.start("replica2")


def _standbys(cluster: Cluster) -> str:
    return str(cluster.sql("postgres", "SHOW synchronous_standby_names")[0][0])


def test_a_replica_that_lags_is_left_out_and_taken_back(stage4: Cluster) -> None:
    stage4.sql("replica1", "SELECT pg_wal_replay_pause()")
    stage4.sql("postgres", MUCH)
    until(lambda: used(stage4) == {"default", "replica2"})
    before = reads(stage4).get("replica1", 0)
    with Instances(stage4, only="web1") as visitor:
        assert {visitor.send("GET", "/explore/").status_code for _ in range(20)} == {200}
    assert reads(stage4).get("replica1", 0) == before
    stage4.sql("replica1", "SELECT pg_wal_replay_resume()")
    until(lambda: used(stage4) == ALL)


def test_a_replica_that_is_late_for_too_long_is_left_out(stage4: Cluster) -> None:
    with App(stage4).log_in("user6") as client, replay_paused(stage4):
        client.call("PUT", "users/user7/follow/")
        client.call("DELETE", "users/user7/follow/")
        sleep(8)
        assert used(stage4) == ALL
        until(lambda: used(stage4) == {"default"}, seconds=5)
        assert client.call("GET", "feed/").status_code == 200


def test_no_request_fails_when_one_replica_and_then_the_other_is_lost(stage4: Cluster) -> None:
    with Load(stage4.url, PASSWORD, clients=4) as load:
        for name in REPLICAS:
            sleep(1)
            stage4.kill(name)
        sleep(2.5)
        assert _standbys(stage4) == ""
        sent = load.sent.total()
        stage4.start(*REPLICAS)
        until(lambda: used(stage4) == ALL)
        sleep(1)
    assert load.sent.total() > sent > 100
    load.verdict().assert_flawless()


def test_a_frozen_replica_fails_nobody(stage4: Cluster) -> None:
    with Load(stage4.url, PASSWORD, clients=4) as load:
        sleep(0.5)
        stage4.pause("replica1")
        until(lambda: used(stage4) == {"default", "replica2"})
        sleep(1)
        stage4.resume("replica1")
        until(lambda: used(stage4) == ALL)
    load.verdict().assert_flawless()


def test_writes_wait_for_a_replica_but_not_for_frozen_ones(stage4: Cluster) -> None:
    with App(stage4).log_in("user8") as client:
        stage4.pause(*REPLICAS)
        began = monotonic()
        assert client.call("PUT", "users/user9/follow/", timeout=20).status_code == 200
        assert 0.5 < monotonic() - began < 8
        stage4.resume(*REPLICAS)
        until(lambda: _standbys(stage4) == "ANY 1 (replica1, replica2)")
        client.call("DELETE", "users/user9/follow/")


def test_without_the_primary_people_go_on_reading_and_nothing_is_lost(stage4: Cluster) -> None:
    with Browser(stage4).log_in("user10") as browser, App(stage4).log_in("user11") as app:
        with Load(stage4.url, PASSWORD, clients=4) as load:
            sleep(1.5)
            stage4.kill("postgres")
            sleep(3)
        assert {what for what, _ in load.failed} <= set(WRITES)
        assert {cause for _, cause in load.failed} == {"503"}
        assert load.acknowledged > 0
        load.verdict().assert_honest()
        assert [browser.send("GET", path).status_code for path in PAGES] == [200] * len(PAGES)
        assert app.is_logged_in()
        refused = app.call("PUT", "users/user12/follow/")
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        ready = browser.send("GET", "/readyz")
        assert (ready.status_code, ready.json()["checks"]["database"]) == (503, "reads only")
    stage4.start("postgres")
    with App(stage4) as client:
        until(lambda: used(stage4) == ALL, seconds=30)
        client.log_in("user11")
        assert client.call("PUT", "users/user12/follow/").status_code == 200
        load.verdict().assert_honest()


PAGES = (
    "/feed/",
    "/explore/",
    "/@user1/",
    "/@user1/followers/",
    "/settings/",
    "/requests/",
    "/settings/blocked/",
    "/upload/",
    "/drafts/",
    "/settings/password/",
    "/password-reset/",
    "/api/v1/instance/",
    "/api/schema/",
    "/healthz",
)


@pytest.mark.usefixtures("replica2_made_anew")
def test_a_replica_that_was_promoted_is_left_out(stage4: Cluster) -> None:
    with Load(stage4.url, PASSWORD, clients=2) as load:
        stage4.sql("replica2", "SELECT pg_promote()")
        until(lambda: used(stage4) == {"default", "replica1"})
        before = reads(stage4).get("replica2", 0)
        sleep(1)
        assert reads(stage4).get("replica2", 0) == before
    load.verdict().assert_flawless()
