"""Database servers are known from the environment; one that is down is left out."""

from __future__ import annotations

from infra.lab.measure.databases import CALLS, DatabaseSampler, addresses
from minigram_site.cache.state import TABLE
from minigram_site.db.wal import _OBSERVATION


def test_addresses_are_those_of_the_environment_without_options_of_the_site() -> None:
    env = {
        "DATABASE_URL": "postgres://a:b@h:1/d?pool=8",
        "DATABASE_REPLICA_URLS": "postgres://a:b@h:2/d?pool=8, postgres://a:b@h:3/d",
    }
    assert addresses(env) == {
        "postgres": "postgres://a:b@h:1/d",
        "replica1": "postgres://a:b@h:2/d",
        "replica2": "postgres://a:b@h:3/d",
    }
    assert addresses({"DATABASE_URL": "sqlite:///db"}) == {}


def test_a_server_that_is_down_is_left_out() -> None:
    watched = DatabaseSampler({"postgres": "postgres://nobody@127.0.0.1:1/nothing"})
    watched.begin()
    watched.sample()
    watched.end()
    assert watched.figures(1, 10).queries_per_request is None


def test_what_processes_ask_beside_requests_is_left_out_of_the_statements() -> None:
    assert TABLE in CALLS
    assert "pg_is_in_recovery" in _OBSERVATION
