"""JSON bodies: what no code could use is refused with 400."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from rest_framework.exceptions import ParseError

from minigram_site.api.parsing import MAX_DEPTH, ShallowJSONParser


def parse(body: bytes) -> Any:
    return ShallowJSONParser().parse(BytesIO(body))


def test_values_are_what_json_says() -> None:
    body = '{"a": ["ä", 1, 2.5, null, true]}'.encode()
    assert parse(body) == {"a": ["ä", 1, 2.5, None, True]}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"NaN",
        '"ä"'.encode("latin-1"),
        '"ä"'.encode("utf-16"),
        b"[" * 2000 + b"]" * 2000,
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    ],
)
def test_what_is_no_json_of_this_site_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        parse(body)


def test_lists_and_objects_may_be_nested_a_few_times() -> None:
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
