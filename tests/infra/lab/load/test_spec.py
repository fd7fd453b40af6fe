"""A load says what it is; what makes no sense is refused with a sentence."""

from __future__ import annotations

import io
import random
from collections import Counter

import pytest
from PIL import Image

from infra.lab.load.pictures import real_jpeg
from infra.lab.load.shared_state import SharedState
from infra.lab.load.spec import DEFAULT_MIX, READS, LoadSpec, parse_mix


def load(**changes: object) -> LoadSpec:
    values = {"url": "http://127.0.0.1:1", "users": 3, "seconds": 1.0, "picture": (64, 48)}
    return LoadSpec(**{**values, **changes})  # type: ignore[arg-type]


def test_a_load_survives_the_way_to_the_generator() -> None:
    one = load(loop="open", rate=30)
    assert LoadSpec.from_json(one.to_json()) == one


def test_nine_of_ten_requests_read() -> None:
    reads = sum(DEFAULT_MIX[name] for name in READS)
    assert 0.85 < reads / sum(DEFAULT_MIX.values()) < 0.95


def test_a_mix_is_read_from_text() -> None:
    assert parse_mix("feed=2,next=1,like=1") == {"feed": 2, "feed, next page": 1, "like": 1}
    assert parse_mix("default") == DEFAULT_MIX


@pytest.mark.parametrize("text", ["fly=1", "feed=-1", "feed=0", "feed", "log in=1"])
def test_a_mix_without_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_mix(text)


def test_the_most_popular_photo_is_seen_twice_as_often_as_the_second() -> None:
    shared = SharedState(load())
    shared.know_photos(["a", "b", "c", "d"])
    dice = random.Random(1)
    seen = Counter(shared.popular_photo(dice) for _ in range(20_000))
    assert seen["a"] / seen["b"] == pytest.approx(2, rel=0.1)
    assert seen["a"] / seen["d"] == pytest.approx(4, rel=0.1)


def test_uploads_are_real_pictures_and_each_is_another_file() -> None:
    shared = SharedState(load())
    first, second = shared.upload_body("one"), shared.upload_body("two")
    assert first != second
    start = first.index(b"\xff\xd8")
    end = first.rindex(b"\r\n--")
    assert Image.open(io.BytesIO(first[start:end])).size == (64, 48)


def test_the_same_seed_makes_the_same_picture() -> None:
    assert real_jpeg((64, 48), 1) == real_jpeg((64, 48), 1)
    assert real_jpeg((64, 48), 1) != real_jpeg((64, 48), 2)
