"""Who is logged in stays so from run to run, as long as the token lives."""

from __future__ import annotations

import base64
import json
import time

import pytest

from infra.lab.measure.logins import MARGIN_SECONDS, Logins, expiry_of


def token(expiry: float) -> str:
    """Return a token that expires then."""
    payload = base64.urlsafe_b64encode(json.dumps({"exp": expiry}).encode()).rstrip(b"=").decode()
    return f"head.{payload}.signature"


def test_a_token_says_when_it_expires() -> None:
    assert expiry_of(token(1234)) == 1234
    with pytest.raises(ValueError, match="Expecting value"):
        expiry_of("no token")


def test_only_those_come_back_whose_token_outlives_the_run() -> None:
    logins, now = Logins(), time.time()
    left = {"a": 60, "b": 20}
    tokens = {name: [token(now + MARGIN_SECONDS + more), "r"] for name, more in left.items()}
    logins.remember(tokens)
    assert set(logins.valid_for(10)) == {"a", "b"}
    assert set(logins.valid_for(40)) == {"a"}
    assert set(logins.valid_for(90)) == set()
