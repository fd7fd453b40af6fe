"""What belongs to a device, whoever holds it."""

from __future__ import annotations

from tests.matrix.rules import anyone, plain, post

TABLE = {"social:theme": plain(post(anyone(302), {"theme": "dark"}))}
