"""``DATABASE_URL`` with several hosts: the site follows to the one that was promoted, by itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from time import sleep
from urllib.parse import quote

import psycopg
import pytest

from infra.cluster import Cluster, running
from infra.cluster.processes.process import spawn
from infra.cluster.servers.postgres import PORTS
from tests.infra.stages.clients import App, until, used
from tests.infra.stages.conftest import PASSWORD, SIZES, Stages, folder_in_memory

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages")]

PROCESSES = ("web1", "web2", "web3", "worker", "keeper")
# The aliases of the hosts, in the order of ``DATABASE_URL``.
ALIASES = {"postgres": "replica1", "replica1": "replica2", "replica2": "replica3"}


@pytest.fixture
def site(stages: Stages) -> Iterator[Cluster]:
    """Return a Stage 4 of these tests' own, whose processes know three hosts and no replica."""
    stages.stop_all()
    with folder_in_memory() as folder, running(4, folder, RATE_LIMITS="false") as cluster:
        cluster.manage("populate", *SIZES, f"--password={PASSWORD}", "--verbosity=0")
        state = cluster.state
        state.env |= {"DATABASE_URL": members(cluster), "DATABASE_REPLICA_URLS": ""}
        cluster.file.write(state)
        # Another object, since the parts of the first have their environment already.
        found = Cluster(folder)
        found.restart(*PROCESSES)
        yield found


def members(cluster: Cluster) -> str:
    """Return the address of all three servers together."""
    layout = cluster.layout
    host = quote(str(layout.postgres_sockets), safe="")
    hosts = ",".join(f"{host}:{port}" for port in PORTS.values())
    return f"postgres://minigram:{layout.secret('database')}@{hosts}/minigram"


def promote(cluster: Cluster) -> None:
    """Lose the primary with log that no other server has, and make the first replica primary."""
    cluster.pause("replica1", "replica2")
    cluster.sql("postgres", "CREATE TABLE unknown AS SELECT generate_series(1, 100000)")
    cluster.kill("postgres")
    cluster.resume("replica1", "replica2")
    cluster.sql("replica1", "SELECT pg_promote()")


def follow(cluster: Cluster, name: str) -> None:
    """Let a replica follow the one that was promoted."""
    layout = cluster.layout
    where = f"host={layout.postgres_sockets} port={PORTS['replica1']}"
    who = f"user=replicator password={layout.secret('replication')} application_name={name}"
    cluster.sql(name, f"ALTER SYSTEM SET primary_conninfo = '{where} {who}'")
    cluster.sql(name, "ALTER SYSTEM SET primary_slot_name = ''")
    cluster.sql(name, "SELECT pg_reload_conf()")


def start_as_replica(cluster: Cluster, name: str) -> None:
    """Start a former primary as it was lost, as a replica that has nobody to follow."""
    part = next(one for one in cluster.parts if one.name == name)
    signal = cluster.layout.postgres_data / name / "standby.signal"
    signal.touch()
    cluster.layout.chown(signal)
    process = spawn(part.command, part.env, cluster.layout.log(name), part.user)
    cluster.file.record(name, process)
    until(lambda: replays(cluster, name), 60)


def replays(cluster: Cluster, name: str) -> bool:
    """Tell whether a server answers and only replays."""
    try:
        return cluster.sql(name, "SELECT pg_is_in_recovery()") == [(True,)]
    except psycopg.OperationalError:
        return False


def write(app: App, photo: str, words: str) -> bool:
    """Tell whether a caption was taken; nothing else than "not now" may be answered instead."""
    answer = app.call("PATCH", f"photos/{photo}/", json={"caption": words})
    assert answer.status_code in {200, 503}, answer.text
    return answer.status_code == 200


def test_the_site_follows_to_the_promoted_server_and_not_to_a_history_of_its_own(
    site: Cluster,
) -> None:
    with App(site, only="web1").log_in("user21") as writer, App(site, only="web2") as other:
        # The same person by another app, at another instance, which does not tell what it wrote.
        reader = other.log_in("user21")
        photo = writer.call("GET", "users/user21/photos/").json()["results"][0]["id"]
        # One of the hosts is the primary, so it is read from as that alone.
        until(lambda: used(site) == {"default", ALIASES["replica1"], ALIASES["replica2"]}, 60)
        until(lambda: write(writer, photo, "before"), 60)

        promote(site)
        until(lambda: write(writer, photo, "after"), 60)
        assert reader.call("GET", f"photos/{photo}/").json()["caption"] == "after"
        # What still waits for the former primary is of another history.
        until(lambda: used(site) == {"default"}, 60)

        follow(site, "replica2")
        until(lambda: used(site) == {"default", ALIASES["replica2"]}, 60)
        start_as_replica(site, "postgres")
        for number in range(8):
            assert ALIASES["postgres"] not in used(site)
            words = f"round {number}"
            until(partial(write, writer, photo, words), 60)
            assert reader.call("GET", f"photos/{photo}/").json()["caption"] == words
            sleep(0.4)
