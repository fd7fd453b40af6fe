"""A connection to PostgreSQL with a read time-out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import psycopg
from psycopg.abc import PQGen

Result = TypeVar("Result")

_PARAMETERS = {
    "dbname": "NAME",
    "user": "USER",
    "password": "PASSWORD",
    "host": "HOST",
    "port": "PORT",
}

# Seconds between two looks for signals while waiting; the value that psycopg uses.
INTERVAL = 0.1


def connection_parameters(config: dict[str, Any]) -> dict[str, Any]:
    """Return libpq's parameters of a connection beside Django's, for an entry of ``DATABASES``.

    Those of a session (limits, the pool) are left out; those of the server and of TLS are kept.
    """
    parameters = {name: config[key] for name, key in _PARAMETERS.items() if config[key]}
    options = {
        name: value
        for name, value in config["OPTIONS"].items()
        if name in {"host", "target_session_attrs"} or name.startswith("ssl")
    }
    return {**parameters, **options}


class TimeoutConnection(psycopg.Connection[Any]):
    """A connection that waits for an answer up to its read time-out and then closes itself.

    The server's own ``statement_timeout`` ends statements that take too long, but not the wait
    for a server that is frozen or cut off.
    """

    # Seconds; ``None`` waits for ever.
    read_timeout: ClassVar[float | None] = None
    # Called with the reason when a connection cannot be made.
    on_connect_failure: ClassVar[Callable[[str], None] | None] = None
    # When what is prepared here was last thrown away (``time.monotonic``).
    deallocated_at: float = 0.0

    @classmethod
    def connect(cls, *args: Any, **kwargs: Any) -> Any:
        """Return a new connection.

        Raises ``psycopg.Error`` if there is none; ``on_connect_failure`` is called before.
        """
        try:
            return super().connect(*args, **kwargs)
        except psycopg.Error as error:
            if cls.on_connect_failure is not None:
                cls.on_connect_failure(" ".join(str(error).split()))
            raise

    def wait(
        self, gen: PQGen[Result], interval: float = INTERVAL, timeout: float | None = None
    ) -> Result:
        """Return what ``gen``, one of psycopg's generators, waits for.

        Raises ``psycopg.OperationalError`` when ``timeout``, or else the read time-out, is over.
        """
        timeout = timeout or self.read_timeout
        try:
            return super().wait(gen, interval, timeout)
        except psycopg.errors._WaitTimeout:
            self.close()
            raise psycopg.OperationalError(
                f"The database has not answered within {timeout:g} s."
            ) from None
