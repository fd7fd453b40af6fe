"""Where a database of Django's settings is, in the keywords that libpq has for it."""

from __future__ import annotations

from typing import Any

_KEYWORDS = {
    "NAME": "dbname",
    "USER": "user",
    "PASSWORD": "password",
    "HOST": "host",
    "PORT": "port",
}


def connection_parameters(config: dict[str, Any]) -> dict[str, Any]:
    """Return what ``psycopg.connect`` needs to reach the database of an entry of ``DATABASES``.

    Options of the site's sessions (limits, the pool) are left out; those of TLS are kept.
    """
    parameters = {ours: config[name] for name, ours in _KEYWORDS.items() if config.get(name)}
    options = {
        name: value
        for name, value in config["OPTIONS"].items()
        if name in {"host", "target_session_attrs"} or name.startswith("ssl")
    }
    return {**parameters, **options}
