"""What belongs to the project as a whole."""

from __future__ import annotations

from tests.matrix.rules import anyone, get, plain

TABLE = {
    "healthz": plain(get(anyone())),
    "readyz": plain(get(anyone())),
    # Whoever connects to an instance directly, from this machine, as tests do.
    "metrics": plain(get(anyone())),
    "schema": plain(get(anyone())),
    "api-docs": plain(get(anyone())),
}
