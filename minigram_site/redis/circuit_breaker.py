"""A circuit breaker: calls to a server that fails are refused at once instead of waited for.

Closed: calls go through. Open, after a failure: calls are refused. Half-open: the breaker has
rested, and one trial is under way; its outcome closes the breaker or opens it for another rest
(M. Nygard, *Release It!*, 2nd edition 2018, chapter 5).
"""

from __future__ import annotations

import threading
from time import monotonic

CLOSED, OPEN, HALF_OPEN = "closed", "open", "half-open"


class CircuitBreaker:
    """The breaker of one server in one process. Safe for threads; a forked process makes a new one.

    ``rest_seconds``: how long after a failure the next caller may make a trial.
    """

    def __init__(self, rest_seconds: float) -> None:
        """Begin closed."""
        self.rest_seconds = rest_seconds
        self.state = CLOSED
        self._lock = threading.Lock()
        self._opened_at = 0.0

    def begin_trial(self, *, rested: bool = True) -> bool:
        """Tell whether the caller is to make a trial; from then on the breaker is half-open.

        Not while another trial is under way, and with ``rested`` only after the rest. Whoever is
        told so must call ``record_success`` or ``record_failure``.
        """
        with self._lock:
            if self.state != OPEN:
                return False
            if rested and monotonic() < self._opened_at + self.rest_seconds:
                return False
            self.state = HALF_OPEN
            return True

    def record_success(self) -> bool:
        """Close the breaker if it is half-open; tell whether this closed it.

        A success while it is open proves nothing: a call that was sent later has failed.
        """
        with self._lock:
            closes = self.state == HALF_OPEN
            if closes:
                self.state = CLOSED
            return closes

    def record_failure(self) -> bool:
        """Open the breaker, and let its rest begin now; tell whether it was closed before."""
        with self._lock:
            was_closed = self.state == CLOSED
            self.state = OPEN
            self._opened_at = monotonic()
            return was_closed
