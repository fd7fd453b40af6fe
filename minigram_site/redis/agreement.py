"""Which run of Redis all processes of the site have agreed on, as this process knows it.

``minigram_site.cache.lease`` says it each time it has renewed the lease. What is kept in Redis and
must be the same for all processes belongs to one generation: two processes that speak to two
servers for a while, as may happen when a primary is replaced, never have the same one.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from minigram_site.redis import client


@dataclass(frozen=True, slots=True)
class Agreement:
    """A generation, and the run of Redis that holds it.

    ``is_on``: all processes know of it, so what it holds may be relied upon until ``until``
    (``time.monotonic``); before that it is only written to.
    """

    generation: str = ""
    run_id: str = ""
    is_on: bool = False
    until: float = float("-inf")

    @property
    def is_current(self) -> bool:
        """Whether this process speaks to that run."""
        return bool(self.generation) and self.run_id == client.run_id()


NONE = Agreement()
_agreement = NONE


def note(agreement: Agreement) -> None:
    """Replace what this process knows."""
    global _agreement  # noqa: PLW0603 - one of a process, replaced as a whole
    _agreement = agreement


def generation_to_read() -> str:
    """Return the generation whose contents may be relied upon; empty where there is none."""
    known = _agreement
    may_be = known.is_on and known.is_current and time.monotonic() < known.until
    return known.generation if may_be else ""


def generation_to_write() -> str:
    """Return the generation that is to be told of changes; empty where none is known.

    Also where the lease has run out: it may go on all the same.
    """
    return _agreement.generation if _agreement.is_current else ""


os.register_at_fork(after_in_child=lambda: note(NONE))
