"""Options of PostgreSQL: those of the URL, and the defaults."""

from __future__ import annotations

from minigram_site.database_url import postgresql_options


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
