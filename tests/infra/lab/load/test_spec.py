"""A load says what it is; what makes no sense is refused with a sentence."""

from __future__ import annotations

import pytest

from infra.lab.load.spec import CLASSIC_MIX, DEFAULT_MIX, READS, LoadSpec, parse_mix


def load(**changes: object) -> LoadSpec:
    values = {"url": "http://127.0.0.1:1", "users": 3, "seconds": 1.0, "picture": (64, 48)}
    return LoadSpec(**{**values, **changes})  # type: ignore[arg-type]


def test_a_load_survives_the_way_to_the_generator() -> None:
    one = load(loop="open", rate=30)
    assert LoadSpec.from_json(one.to_json()) == one


def test_nine_of_ten_requests_read() -> None:
    for mix in (DEFAULT_MIX, CLASSIC_MIX):
        reads = sum(mix.get(name, 0) for name in READS)
        assert 0.85 < reads / sum(mix.values()) < 0.95


def test_the_classic_mix_is_the_one_of_the_records_before() -> None:
    before = {
        "feed": 40,
        "feed, next page": 14,
        "photo": 32,
        "picture": 4,
        "like": 7,
        "follow": 1,
        "comment": 1.3,
        "upload": 0.3,
        "log out": 0.3,
        "register": 0.1,
    }
    assert before == CLASSIC_MIX


def test_a_mix_is_read_from_text() -> None:
    assert parse_mix("feed=2,next=1,like=1") == {"feed": 2, "feed, next page": 1, "like": 1}
    assert parse_mix("default") == DEFAULT_MIX


@pytest.mark.parametrize("text", ["fly=1", "feed=-1", "feed=0", "feed", "log in=1"])
def test_a_mix_without_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_mix(text)
