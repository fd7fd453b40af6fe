"""Popular photos are seen more often, and uploads are real pictures."""

from __future__ import annotations

import io
import random
from collections import Counter

import pytest
from PIL import Image

from infra.lab.load.pictures import real_jpeg
from infra.lab.load.shared_state import SharedState
from infra.lab.load.spec import LoadSpec


def load(**changes: object) -> LoadSpec:
    values = {"url": "http://127.0.0.1:1", "users": 3, "seconds": 1.0, "picture": (64, 48)}
    return LoadSpec(**{**values, **changes})  # type: ignore[arg-type]


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
