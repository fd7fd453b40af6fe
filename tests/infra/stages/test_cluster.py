"""Every stage comes up from real servers and serves people; parts can be lost and come back."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import closing
from urllib.parse import urlsplit

import psutil
import pytest

from infra.cluster import Cluster, ClusterError
from infra.cluster.lifecycle.status import rows, table
from infra.cluster.topology import STAGES
from tests.factories import picture
from tests.infra.client import Client
from tests.infra.stages.conftest import Stages

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages")]
PARTS = {
    1: {"web1"},
    2: {"web1", "postgres", "worker"},
    3: {"web1", "web2", "web3", "postgres", "worker", "nginx"},
}
PARTS[4] = PARTS[3] | {"replica1", "replica2", "keeper"}
PARTS[5] = PARTS[4] | {"redis"}


def wait_until(happens: Callable[[], bool], seconds: float = 15) -> None:
    """Wait for something; fail if it does not happen."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_has_its_parts_and_all_are_well(stage: int, stages: Stages) -> None:
    found = rows(stages.get(stage))
    assert {row.name for row in found} == PARTS[stage]
    assert {row.health for row in found} == {"ok"}


@pytest.mark.parametrize("stage", STAGES)
def test_a_person_registers_and_shows_a_photo_through_the_front(stage: int, stages: Stages) -> None:
    with closing(Client(stages.get(stage).port, f"ann{time.time_ns()}")) as ann:
        status, photo = ann.publish(picture())
        assert status in {201, 202}
        wait_until(lambda: ann.is_published(photo["id"]))
        _, photo = ann.call("GET", f"photos/{photo['id']}/")
        address = urlsplit(photo["sources"][0]["url"]).path
        ann.line.request("GET", address, headers=ann.headers)
        answer = ann.line.getresponse()
        assert answer.read(12)[8:] == b"WEBP"
        assert (answer.getheader("Server") == "nginx") == (stage >= 3)


def test_up_again_changes_nothing(stage3: Cluster) -> None:
    before = {part.name: stage3.part(part.name).pid for part in stage3.parts}
    stage3.up(3)
    assert {part.name: stage3.part(part.name).pid for part in stage3.parts} == before


def test_up_again_starts_what_is_missing(stage3: Cluster) -> None:
    stage3.kill("web2", "worker")
    stage3.pause("web1")
    stage3.up(3)
    assert {row.health for row in rows(stage3)} == {"ok"}


def test_another_stage_is_refused_while_one_is_up(stage3: Cluster) -> None:
    with pytest.raises(ClusterError, match="Stage 3 is up"):
        stage3.up(2)


def test_a_part_that_does_not_exist_is_named_with_those_that_do(stage3: Cluster) -> None:
    with pytest.raises(ClusterError, match=r"no part 'web9'. It has: .*web1, web2, web3"):
        stage3.kill("web9")


def test_a_killed_instance_leaves_no_process_and_the_others_answer(stage3: Cluster) -> None:
    tree = stage3.part("web1").process.tree()
    stage3.kill("web1")
    assert len(tree) > 1
    # Processes without a parent are buried by the first process of the machine, in its own time.
    _, left = psutil.wait_procs(tree, timeout=10)
    assert left == []
    assert stage3.ready()


def test_a_started_part_is_ready(stage3: Cluster) -> None:
    stage3.stop("web1")
    assert not stage3.is_alive("web1")
    stage3.start("web1")
    assert next(row for row in rows(stage3) if row.name == "web1").health == "ok"


def test_a_restart_goes_from_one_instance_to_the_next(stage3: Cluster) -> None:
    names = ["web1", "web2", "web3"]
    before = [stage3.part(name).process for name in names]
    stage3.restart(*names)
    after = [stage3.part(name).process for name in names]
    assert not any(process.alive for process in before)
    assert after[0].started < after[1].started < after[2].started


def test_a_paused_part_is_shown_and_goes_on(stage3: Cluster) -> None:
    def health() -> str:
        return next(row for row in rows(stage3) if row.name == "web3").health

    stage3.pause("web3")
    assert health() == "paused"
    stage3.resume("web3")
    assert health() == "ok"


def test_status_names_address_process_memory_and_health(stage3: Cluster) -> None:
    shown = table(rows(stage3)).splitlines()
    nginx = next(line.split() for line in shown if line.startswith("nginx"))
    assert nginx[3:5] == [str(stage3.port), str(stage3.part("nginx").pid)]
    assert int(nginx[5]) > 0
    assert nginx[6:] == ["MB", "ok", "-"]
    assert any(str(stage3.part("web2").socket) in line for line in shown)


def test_postgresql_runs_as_its_own_user_under_root(stage3: Cluster) -> None:
    process = psutil.Process(stage3.part("postgres").pid)
    assert process.uids().effective != 0
    assert process.username() == ("postgres" if os.geteuid() == 0 else psutil.Process().username())


def test_passwords_are_for_their_owner_only(stage3: Cluster) -> None:
    secrets = [*stage3.data.glob("*.secret"), stage3.data / "cluster.json"]
    assert len(secrets) == 5
    assert {path.stat().st_mode & 0o077 for path in secrets} == {0}


def test_what_was_acknowledged_survives_a_killed_database(stage3: Cluster) -> None:
    stage3.sql("postgres", "CREATE TABLE kept AS SELECT 7 AS number")
    stage3.kill("postgres")
    stage3.start("postgres")
    assert stage3.sql("postgres", "SELECT number FROM kept") == [(7,)]
    stage3.sql("postgres", "DROP TABLE kept")


def test_a_replica_shows_how_far_it_is_behind(stage4: Cluster) -> None:
    stage4.sql("replica1", "SELECT pg_wal_replay_pause()")
    stage4.sql("postgres", "CREATE TABLE news ()")
    stage4.sql("postgres", "DROP TABLE news")
    late = {row.name: row.lag for row in rows(stage4)}
    stage4.sql("replica1", "SELECT pg_wal_replay_resume()")
    assert not late["replica1"].startswith("0 B")
    assert late["postgres"] == "-"
    wait_until(lambda: stage4.lag("replica1") == (0, 0.0))


def test_a_replica_that_was_away_goes_on_from_its_slot(stage4: Cluster) -> None:
    stage4.kill("replica2")
    stage4.sql("postgres", "CREATE TABLE meanwhile AS SELECT 7 AS number")
    stage4.start("replica2")
    wait_until(lambda: stage4.lag("replica2") == (0, 0.0))
    assert stage4.sql("replica2", "SELECT number FROM meanwhile") == [(7,)]
    stage4.sql("postgres", "DROP TABLE meanwhile")


def test_a_replica_whose_slot_is_lost_is_made_anew(stage4: Cluster) -> None:
    stage4.stop("replica2")
    stage4.sql("postgres", "SELECT pg_drop_replication_slot('replica2')")
    stage4.start("replica2")
    assert stage4.sql("postgres", "SELECT count(*) FROM pg_replication_slots WHERE active") == [
        (2,)
    ]


def test_a_replica_that_was_promoted_is_made_anew(stage4: Cluster) -> None:
    stage4.sql("replica2", "SELECT pg_promote()")
    stage4.restart("replica2")
    assert stage4.sql("replica2", "SELECT pg_is_in_recovery()") == [(True,)]
    wait_until(lambda: stage4.lag("replica2") == (0, 0.0))


def test_a_cluster_with_replicas_comes_up_again_with_its_data(stage4: Cluster) -> None:
    state = stage4.state
    stage4.sql("postgres", "CREATE TABLE lasting AS SELECT 7 AS number")
    stage4.down()
    stage4.up(4, port=state.port, env=state.env)
    assert stage4.sql("replica1", "SELECT number FROM lasting") == [(7,)]
    stage4.sql("postgres", "DROP TABLE lasting")
