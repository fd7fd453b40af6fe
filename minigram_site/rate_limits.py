"""The rate limits of the site by class of call, and how ``RATE_LIMITS`` sets others.

This module is read by the settings and imports nothing of Django.
"""

from __future__ import annotations

import re

HOUR, DAY = 3600, 86400
PERIODS = {"second": 1, "minute": 60, "hour": HOUR, "day": DAY}

# Requests and seconds. A bucket holds that many requests, which may come all at once, and fills
# within that time: so it lets as many through in each such time after the first.
# ``minigram_site.web.throttling`` counts them. Log-ins, sign-ups, renames and links to confirm an
# address are counted by ``accounts.authentication.attempts``, exactly.
RATES = {
    # By name and address; and failed ones by name, beyond which an address has one guess.
    "login": (10, 60),
    "login-name": (100, HOUR),
    # A class or a club that signs up behind one address; and what it may be in a day.
    "register": (100, HOUR),
    "register-day": (200, DAY),
    # Codes of an authenticator app, by whoever has the password; and the mail about them.
    "factor": (10, HOUR),
    "factor-mail": (1, HOUR),
    "rename": (2, 30 * DAY),
    # Links to choose a password, and those to confirm an address.
    "reset": (5, HOUR),
    # The pictures of a holiday in one evening, and what that may be in a day.
    "upload": (500, HOUR),
    "upload-day": (1000, DAY),
    # Photos made of what was uploaded: each may be one.
    "publish": (500, HOUR),
    # Archives of another site that are begun, and the parts they come in.
    "import": (20, HOUR),
    "part": (3000, HOUR),
    "comment": (30, 60),
    "report": (20, HOUR),
    "report-day": (60, DAY),
    # Whether a name is free, asked while it is typed.
    "name": (30, 60),
    "search": (300, 60),
    # All else that changes something.
    "write": (120, 60),
}
# How many times as much is let through for visitors of one address, behind which a school may be,
# and for members who joined long ago.
FACTORS = {"address": 5, "trusted": 3}
TRUSTED_AFTER_DAYS = 7

# What counts guesses of secrets is not for a site to widen.
_FIXED = {"login", "login-name", "factor", "factor-mail"}
_PART = re.compile(r"([a-z]+(?:-day)?)=([1-9][0-9]{0,5})(?:/(second|minute|hour|day))?")
FORM = "It must be true, false, or look like upload=600,write=240/minute,trusted=5."

Rates = dict[str, tuple[int, int]]


def parse(text: str) -> tuple[Rates, dict[str, int]]:
    """Return the rates and factors of the site where ``RATE_LIMITS`` is ``text`` and sets some.

    A number without a period is one of the period that the limit has; one of ``upload``,
    ``register`` or ``report`` without a number of its own for the day sets that to twice as much.
    Raises ``ValueError`` for anything else, with a sentence that says what would be right.
    """
    rates, factors = dict(RATES), dict(FACTORS)
    found = [_PART.fullmatch(part.strip()) for part in text.split(",")]
    given: Rates = {}
    for match in found:
        if match is None:
            raise ValueError(FORM)
        name, number, period = match[1], int(match[2]), match[3]
        if name in factors and period is None:
            factors[name] = number
        elif name in rates and name not in _FIXED:
            given[name] = (number, PERIODS[period] if period else rates[name][1])
        else:
            raise ValueError(f"There is no limit “{name}” to set. " + _settable())
    for name, (number, seconds) in given.items():
        rates[name] = (number, seconds)
        if f"{name}-day" in rates and f"{name}-day" not in given:
            rates[f"{name}-day"] = (max(2 * number, 1), DAY)
    return rates, factors


def _settable() -> str:
    names = sorted({*RATES, *FACTORS} - _FIXED)
    return f"Those that can be set are {', '.join(names)}."
