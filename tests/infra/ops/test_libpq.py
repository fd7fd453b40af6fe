"""How to reach a database of Django's settings, in libpq's keywords."""

from __future__ import annotations

from infra.ops.libpq import connection_parameters


def test_the_address_and_tls_are_kept_and_options_of_sessions_are_not() -> None:
    config = {
        "ENGINE": "minigram_site.db.postgresql",
        "NAME": "minigram",
        "USER": "alice",
        "PASSWORD": "secret",
        "HOST": "db.example.org",
        "PORT": "",
        "OPTIONS": {"pool": {"max_size": 8}, "options": "-c x=1", "sslmode": "verify-full"},
    }
    assert connection_parameters(config) == {
        "dbname": "minigram",
        "user": "alice",
        "password": "secret",
        "host": "db.example.org",
        "sslmode": "verify-full",
    }


def test_a_folder_of_sockets_among_the_options_is_the_host() -> None:
    config = {"NAME": "minigram", "HOST": "", "OPTIONS": {"host": "/run/postgresql"}}
    assert connection_parameters(config) == {"dbname": "minigram", "host": "/run/postgresql"}
