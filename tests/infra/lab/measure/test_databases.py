"""Database servers are known from the environment; one that is down is left out."""

from __future__ import annotations

from infra.lab.measure.databases import DatabaseSampler, addresses


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
