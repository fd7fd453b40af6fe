"""Django's PostgreSQL engine with what a served site needs (docs/adr/0014-postgresql-engine.md).

Processes that answer requests call ``serve`` once, before their first query: they share a pool
of connections, no statement may take long, and what is asked often is prepared. Management
commands use one plain connection each, on which a statement may take as long as it needs.
"""

from __future__ import annotations

_served = False


def serve() -> None:
    """Say that this process answers requests."""
    global _served  # noqa: PLW0603
    _served = True


def is_served() -> bool:
    """Tell whether this process answers requests."""
    return _served
