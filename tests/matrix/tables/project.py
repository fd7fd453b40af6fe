"""What belongs to the project as a whole, and to a device, whoever holds it."""

from __future__ import annotations

from tests.matrix.rules import anyone, at, get, plain, post

TABLE = {
    "social:theme": plain(post(anyone(302), {"theme": "dark"})),
    "social:some-photos": plain(get(anyone())),
    "accounts:language": plain(get(anyone()), post(anyone(302), {"language": "de"})),
    "words": at(lambda scene: {"language": "de", "fingerprint": "any"}, get(anyone())),
    "healthz": plain(get(anyone())),
    "readyz": plain(get(anyone())),
    # Whoever connects to an instance directly, from this machine, as tests do.
    "metrics": plain(get(anyone())),
    "schema": plain(get(anyone())),
    "api-docs": plain(get(anyone())),
}
