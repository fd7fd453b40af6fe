"""Parses ``DATABASE_URL``, and the options of PostgreSQL after its question mark.

``postgres://name:password@host:5432/database?pool=8&sslmode=require``. Options that are left out
take the defaults below, which are right for most sites. Several hosts with commas between,
``postgres://name:password@a:5432,b:5432,c:5432/database``, are the members of one cluster:
whichever of them takes writes is the primary. ``minigram_site.environment`` reads the variable.
"""

from __future__ import annotations

import re
from typing import Any, cast
from urllib.parse import parse_qsl

import dj_database_url

SQLITE = "django.db.backends.sqlite3"
POSTGRESQL = "minigram_site.db.postgresql"
FORM = "sqlite:///path or postgres://name:password@host:5432/database?pool=8"
DEFAULT_PORT = 5432
_SECONDS = re.compile(r"[1-9]|[1-4][0-9]|50")
_ANY_PATH = re.compile(r"/.+")
# The options that may stand after the question mark. Others are refused, as a misspelt one would
# go unnoticed.
OPTIONS = {
    # Connections of the pool of one process.
    "pool": re.compile(r"[1-9]|[1-9][0-9]"),
    # Seconds to wait for a free connection, for a lock, for a statement, and for connecting.
    "pool_timeout": _SECONDS,
    "lock_timeout": _SECONDS,
    "statement_timeout": _SECONDS,
    "connect_timeout": _SECONDS,
    "host": _ANY_PATH,  # the folder of a unix socket
    "sslmode": re.compile(r"disable|allow|prefer|require|verify-ca|verify-full"),
    "sslrootcert": re.compile(r"system|/.+"),
    "sslcert": _ANY_PATH,
    "sslkey": _ANY_PATH,
    # Of several hosts: which of them will do.
    "target_session_attrs": re.compile(r"read-write|primary"),
}


class UnusableAddress(ValueError):
    """The URL cannot be understood; the message says why and does not repeat its password."""


def parse(url: str) -> dict[str, Any]:
    """Return Django's settings for the database at ``url``, with the options that it gives.

    Raises ``UnusableAddress`` for anything but a well-formed URL of SQLite or PostgreSQL.
    """
    address, _, query = url.partition("?")
    found = [_member(each) for each in _addresses(address)]
    config = found[0]
    if config["ENGINE"] == "django.db.backends.postgresql":
        options = _options(query)
        if len(found) > 1:
            if not all(member["HOST"] for member in found):
                raise UnusableAddress("It names a host without a name, between or after commas.")
            # As libpq wants them, which tries one after the other.
            config["HOST"] = ",".join(member["HOST"] for member in found)
            config["PORT"] = ",".join(str(member["PORT"] or DEFAULT_PORT) for member in found)
            options = {"target_session_attrs": "read-write"} | options
        return {**config, "ENGINE": POSTGRESQL, "OPTIONS": options}
    if config["ENGINE"] != SQLITE:
        raise UnusableAddress(f"It must look like {FORM}.")
    if query:
        raise UnusableAddress("A file takes no options after a question mark.")
    return config


def members(config: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the settings of each single host of ``config``; nothing if it names one alone."""
    hosts, ports = config["HOST"].split(","), str(config["PORT"]).split(",")
    if len(hosts) == 1:
        return []
    options = {**config["OPTIONS"]}
    options.pop("target_session_attrs", None)
    return [
        {**config, "HOST": host, "PORT": port, "OPTIONS": dict(options)}
        for host, port in zip(hosts, ports, strict=True)
    ]


def postgresql_options(
    given: dict[str, Any], *, pool_timeout: int = 3, read_timeout: int | None = None
) -> dict[str, Any]:
    """Return Django's ``OPTIONS`` of a PostgreSQL server: what is given, and the defaults.

    Times are seconds. ``options`` (limits that the server keeps) and ``read_timeout`` (the
    longest wait for an answer, if the server keeps none) apply to served processes, see
    ``minigram_site.db.postgresql``.
    """
    libpq = dict(given)
    pool_size = libpq.pop("pool", 8)
    pool_timeout = libpq.pop("pool_timeout", pool_timeout)
    lock_timeout = libpq.pop("lock_timeout", 3)
    statement_timeout = libpq.pop("statement_timeout", 5)
    return {
        "application_name": "minigram",
        "connect_timeout": 2,
        # A peer that vanished (no power, no cable) is noticed within about ten seconds.
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        **libpq,
        "server_side_binding": True,
        "prepare_threshold": 3,
        "options": (
            f"-c statement_timeout={statement_timeout}s -c lock_timeout={lock_timeout}s "
            "-c idle_in_transaction_session_timeout=60s "
            # Plans for few rows, by index, whatever the server's own configuration says.
            "-c jit=off -c random_page_cost=1.1"
        ),
        "read_timeout": read_timeout or statement_timeout + 1,
        "pool": {
            "min_size": 1,
            "max_size": pool_size,
            "timeout": pool_timeout,
            "max_idle": 300,
            # psycopg does not try again by itself after a failure: the next request that needs a
            # connection does, so that a server that is back is found at once.
            "reconnect_timeout": 0,
        },
    }


def _addresses(address: str) -> list[str]:
    """Return one address for each of the hosts between ``@`` and the name of the database."""
    scheme, separator, rest = address.partition("://")
    place, slash, name = rest.partition("/")
    login, at, hosts = place.rpartition("@")
    if not scheme.startswith("postgres") or "," not in hosts:
        return [address]
    return [f"{scheme}{separator}{login}{at}{host}{slash}{name}" for host in hosts.split(",")]


def _member(address: str) -> dict[str, Any]:
    try:
        config = cast(dict[str, Any], dj_database_url.parse(address))
    except (dj_database_url.ParseError, dj_database_url.UnknownSchemeError):
        raise UnusableAddress(f"It must look like {FORM}.") from None
    return config


def _options(query: str) -> dict[str, Any]:
    """Return the options in a query string, each at most once and well-formed."""
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
