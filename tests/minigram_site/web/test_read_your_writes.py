"""Positions that clients carry."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from minigram_site.web.read_your_writes import only_reads, position_in, signed


def test_a_position_comes_back_as_it_was_given() -> None:
    assert position_in(signed(123_456_789_012)) == 123_456_789_012


@pytest.mark.parametrize("text", ["", "9" * 30, "12:abc", signed(5)[:-1], "6" + signed(5)[1:]])
def test_a_forged_position_is_none(text: str) -> None:
    assert position_in(text) == 0


@pytest.mark.parametrize(
    ("method", "path", "may_read"),
    [
        ("GET", "/feed/", True),
        ("HEAD", "/api/v1/feed/", True),
        ("POST", "/feed/", False),
        ("DELETE", "/api/v1/me/", False),
        ("GET", "/admin/accounts/user/", False),
        ("GET", "/readyz", False),
    ],
)
def test_requests_that_only_read(method: str, path: str, *, may_read: bool) -> None:
    assert only_reads(RequestFactory().generic(method, path)) is may_read
