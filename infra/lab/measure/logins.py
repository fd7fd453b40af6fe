"""The people of a data set who are logged in: a run need not hash every password anew."""

from __future__ import annotations

import base64
import json
import time

# Beside the measured time: people arrive before it, and what they did is looked up after it.
MARGIN_SECONDS = 150.0


class Logins:
    """Access and refresh token of each person, as the runs of one stage leave them behind.

    Apps stay logged in for weeks, so that people who come back with a token are no less real than
    those who log in; and a run can begin seconds after the one before.
    """

    def __init__(self) -> None:
        """Begin with nobody."""
        self._tokens: dict[str, list[str]] = {}

    def remember(self, tokens: dict[str, list[str]]) -> None:
        """Take the tokens that a run has ended with, by name; who logged out there is forgotten."""
        self._tokens = tokens

    def valid_for(self, seconds: float) -> dict[str, list[str]]:
        """Return the tokens that outlive a run whose measured time is ``seconds``."""
        end = time.time() + seconds + MARGIN_SECONDS
        return {name: each for name, each in self._tokens.items() if expiry_of(each[0]) > end}


def expiry_of(token: str) -> float:
    """Return when a JSON Web Token expires (RFC 7519: ``exp``), in seconds since 1970.

    The signature is not looked at. Raises ``ValueError`` for what is no such token.
    """
    payload = token.split(".")[1] if token.count(".") == 2 else ""
    return float(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["exp"])
