"""``DATABASE_URL``: which database, and with PostgreSQL how to use it, after a question mark.

``postgres://name:password@host:5432/database?pool=8&sslmode=require``. What is left out takes
the defaults below, which are right for most sites.
"""

from __future__ import annotations

import re
from typing import Any, cast
from urllib.parse import parse_qsl

import dj_database_url

SQLITE = "django.db.backends.sqlite3"
POSTGRESQL = "minigram_site.db.postgresql"
FORM = "sqlite:///path or postgres://name:password@host:5432/database?pool=8"
_SECONDS = re.compile(r"[1-9]|[1-4][0-9]|50")
_ANY_PATH = re.compile(r"/.+")
# What may stand after the question mark; anything else is a mistake that nobody would notice.
OPTIONS = {
    # Connections that one served process may have.
    "pool": re.compile(r"[1-9]|[1-9][0-9]"),
    # The longest wait for a free connection, for a lock, for a statement; for connecting.
    "pool_timeout": _SECONDS,
    "lock_timeout": _SECONDS,
    "statement_timeout": _SECONDS,
    "connect_timeout": _SECONDS,
    "host": _ANY_PATH,  # the folder of a unix socket
    "sslmode": re.compile(r"disable|allow|prefer|require|verify-ca|verify-full"),
    "sslrootcert": re.compile(r"system|/.+"),
    "sslcert": _ANY_PATH,
    "sslkey": _ANY_PATH,
}


class UnusableAddress(ValueError):
    """The address cannot be understood; the message says why and holds no secret."""


def parse(address: str) -> dict[str, Any]:
    """Return Django's settings for the database at ``address``, its options as they are given."""
    place, _, query = address.partition("?")
    try:
        config = cast(dict[str, Any], dj_database_url.parse(place))
    except (dj_database_url.ParseError, dj_database_url.UnknownSchemeError):
        raise UnusableAddress(f"It must look like {FORM}.") from None
    if config["ENGINE"] == "django.db.backends.postgresql":
        return {**config, "ENGINE": POSTGRESQL, "OPTIONS": _options(query)}
    if config["ENGINE"] != SQLITE:
        raise UnusableAddress(f"It must look like {FORM}.")
    if query:
        raise UnusableAddress("A file takes no options after a question mark.")
    return config


def postgresql_options(
    given: dict[str, Any], *, pool_timeout: int = 3, patience: int | None = None
) -> dict[str, Any]:
    """Return Django's ``OPTIONS`` of a PostgreSQL server: what is given, and the defaults.

    ``options`` (limits that the server keeps) and ``patience`` (how long to wait for an answer
    at all) hold for served processes, see ``minigram_site.db.postgresql``.
    """
    rest = dict(given)
    pool = rest.pop("pool", 8)
    wait = rest.pop("pool_timeout", pool_timeout)
    lock, statement = rest.pop("lock_timeout", 3), rest.pop("statement_timeout", 5)
    return {
        "application_name": "minigram",
        "connect_timeout": 2,
        # A peer that vanished (no power, no cable) is noticed within about ten seconds.
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        **rest,
        "server_side_binding": True,
        "prepare_threshold": 3,
        "options": (
            f"-c statement_timeout={statement}s -c lock_timeout={lock}s "
            "-c idle_in_transaction_session_timeout=60s "
            # Plans for few rows by index, whatever the server's own configuration says.
            "-c jit=off -c random_page_cost=1.1"
        ),
        "patience": patience or statement + 1,
        "pool": {
            "min_size": 1,
            "max_size": pool,
            "timeout": wait,
            "max_idle": 300,
            # After a failure nobody waits for the next attempt: it is made when somebody needs a
            # connection, so that a server that is back is found at once.
            "reconnect_timeout": 0,
        },
    }


def _options(query: str) -> dict[str, Any]:
    """Return what stands behind the question mark, each at most once and well-formed."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise UnusableAddress("What follows the question mark must look like pool=8.") from None
    for name, value in pairs:
        if name not in OPTIONS:
            known = ", ".join(OPTIONS)
            raise UnusableAddress(f"There is no option {name!r}; those known are {known}.")
        if not OPTIONS[name].fullmatch(value):
            raise UnusableAddress(f"Its option {name!r} cannot have that value.")
    if len(dict(pairs)) != len(pairs):
        raise UnusableAddress("It names an option twice.")
    return {name: int(value) if value.isdigit() else value for name, value in pairs}
