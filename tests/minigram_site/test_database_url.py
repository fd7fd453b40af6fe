"""Options of PostgreSQL: those of the URL, and the defaults."""

from __future__ import annotations

import pytest

from minigram_site.database_url import UnusableAddress, members, parse, postgresql_options


def test_without_options_limits_are_those_of_people_who_wait() -> None:
    options = postgresql_options({})
    assert "statement_timeout=5s" in options["options"]
    assert "lock_timeout=3s" in options["options"]
    assert (options["read_timeout"], options["pool"]["timeout"]) == (6, 3)


def test_options_of_the_address_win_over_the_defaults() -> None:
    options = postgresql_options({"pool": 3, "statement_timeout": 20, "sslmode": "require"})
    assert options["pool"]["max_size"] == 3
    assert "statement_timeout=20s" in options["options"]
    assert options["read_timeout"] == 21
    assert options["sslmode"] == "require"


def test_several_hosts_are_members_of_one_cluster() -> None:
    found = parse("postgres://m:s%2Cs@a,10.0.0.2:5433,%2Frun%2Fpg:5434/minigram?pool=4")
    assert (found["HOST"], found["PORT"]) == ("a,10.0.0.2,/run/pg", "5432,5433,5434")
    assert (found["USER"], found["PASSWORD"], found["NAME"]) == ("m", "s,s", "minigram")
    assert found["OPTIONS"] == {"target_session_attrs": "read-write", "pool": 4}
    single = [(each["HOST"], each["PORT"], each["OPTIONS"]) for each in members(found)]
    assert single == [
        ("a", "5432", {"pool": 4}),
        ("10.0.0.2", "5433", {"pool": 4}),
        ("/run/pg", "5434", {"pool": 4}),
    ]


def test_one_host_has_no_members() -> None:
    found = parse("postgres://m:s@a/minigram")
    assert members(found) == []
    assert "target_session_attrs" not in found["OPTIONS"]


@pytest.mark.parametrize(
    "address",
    [
        "postgres://m:s@a:x,b/minigram",
        "postgres://m:s@a,/minigram",
        "postgres://m:s@a,b/minigram?target_session_attrs=standby",
    ],
)
def test_what_is_no_cluster_is_refused(address: str) -> None:
    with pytest.raises(UnusableAddress):
        parse(address)
