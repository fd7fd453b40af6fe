"""A connection to PostgreSQL that does not wait for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import psycopg
from psycopg.abc import PQGen

Result = TypeVar("Result")

# How often a wait looks for signals; the value that psycopg uses.
INTERVAL = 0.1


class TimeoutConnection(psycopg.Connection[Any]):
    """A connection that waits for an answer only so long, then gives itself up.

    The server's own ``statement_timeout`` ends what takes too long, but not the wait for a server
    that is frozen or cut off.
    """

    patience: ClassVar[float | None] = None
    on_failure: ClassVar[Callable[[str], None] | None] = None

    @classmethod
    def connect(cls, *args: Any, **kwargs: Any) -> Any:
        """Connect; tell whoever wants to know why that failed."""
        try:
            return super().connect(*args, **kwargs)
        except psycopg.Error as error:
            if cls.on_failure is not None:
                cls.on_failure(" ".join(str(error).split()))
            raise

    def wait(
        self, gen: PQGen[Result], interval: float = INTERVAL, timeout: float | None = None
    ) -> Result:
        """Wait for what ``gen`` waits for; ``OperationalError`` when patience is over."""
        try:
            return super().wait(gen, interval, timeout or self.patience)
        except psycopg.errors._WaitTimeout:
            self.close()
            raise psycopg.OperationalError(
                f"The database has not answered within {timeout or self.patience:g} s."
            ) from None
