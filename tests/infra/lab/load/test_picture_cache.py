"""A person loads the pictures that an answer shows, in the size of the screen, and each once."""

from __future__ import annotations

import random
from typing import Any

import pytest

from infra.lab.load import picture_cache
from infra.lab.load.picture_cache import MOST_KEPT, PictureCache
from infra.lab.load.response_checks import picture_fault

IMMUTABLE, NO_CACHE = "private, max-age=31536000, immutable", "private, no-cache"


def card(number: int, avatar: str | None = None) -> dict[str, Any]:
    """Return a photo as the API answers it."""
    sources = [{"width": width, "url": f"/{number}/{width}"} for width in (320, 640, 1080, 1600)]
    return {"sources": sources, "author": {"avatar": avatar}}


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> PictureCache:
    """Return somebody at a desktop who begins a visit and does not end it."""
    monkeypatch.setattr(picture_cache, "PHONES", 0.0)
    monkeypatch.setattr(picture_cache, "VISIT_ACTS", 1)
    person = PictureCache(random.Random(1))
    person.next_act()
    return person


def load(person: PictureCache, cards: list[dict[str, Any]], kept: str = IMMUTABLE) -> list[str]:
    """Load what is missing and return the addresses."""
    missing = list(person.missing(cards, newest=True))
    for address, _ in missing:
        person.keep(address, kept, f'"{address}"')
    return [address for address, _ in missing]


def test_a_picture_is_loaded_once_and_its_avatar_too(person: PictureCache) -> None:
    page = [card(1, "/a"), card(2, "/a")]
    assert load(person, page) == ["/1/640", "/a", "/2/640"]
    assert load(person, page) == []
    assert load(person, [*page, card(3)]) == ["/3/640"]


def test_a_private_picture_is_asked_for_again_by_its_tag(person: PictureCache) -> None:
    load(person, [card(1)], NO_CACHE)
    assert list(person.missing([card(1)])) == [("/1/640", '"/1/640"')]


def test_another_visitor_has_loaded_nothing(person: PictureCache) -> None:
    load(person, [card(1)])
    person.next_act()
    assert load(person, [card(1)]) == ["/1/640"]


def test_a_phone_loads_larger_ones_and_the_largest_where_none_is_large_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(picture_cache, "PHONES", 1.0)
    phone = PictureCache(random.Random(1))
    small = card(2)
    small["sources"] = small["sources"][:2]
    assert [address for address, _ in phone.missing([card(1), small])] == ["/1/1080", "/2/640"]


def test_somebody_in_the_middle_of_a_visit_has_seen_the_newest_page() -> None:
    person = PictureCache(random.Random(1))
    assert list(person.missing([card(1), card(2)], newest=True)) == []
    assert len(list(person.missing([card(1), card(3)]))) == 1


def test_what_is_kept_is_bounded(person: PictureCache) -> None:
    load(person, [card(number) for number in range(MOST_KEPT + 5)])
    assert len(list(person.missing([card(number) for number in range(5)]))) == 5
    assert list(person.missing([card(number) for number in range(5, MOST_KEPT + 5)])) == []


@pytest.mark.parametrize(
    ("status", "length", "body", "tag", "fault"),
    [
        (200, "16", b"RIFF....WEBPVP8 ", "", ""),
        (200, "99", b"RIFF....WEBPVP8 ", "", "refused"),
        (200, "4", b"oops", "", "wrong: no WebP"),
        (304, "", b"", '"a"', ""),
        (304, "", b"", "", "wrong: status 304"),
        (404, "2", b"{}", "", "404"),
    ],
)
def test_a_picture_is_checked(status: int, length: str, body: bytes, tag: str, fault: str) -> None:
    assert picture_fault(status, length, body, tag) == fault
