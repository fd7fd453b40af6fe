"""Answers are looked at, not only their status, and failures are told apart by cause."""

from __future__ import annotations

from typing import Any

import pytest

from infra.lab.load import response_checks
from infra.lab.load.response_checks import of_status, page_fault, photo_fault
from photos.api.json import photo_json
from photos.cards import cards_of
from tests.factories import make_photo, make_user


def card(number: int, **changes: Any) -> dict[str, Any]:
    """Return a photo as the API shows it."""
    values: dict[str, Any] = dict.fromkeys(response_checks.CARD_KEYS, "")
    author = dict.fromkeys(response_checks.AUTHOR_KEYS, "")
    values |= {"id": str(number), "author": author, "sources": [{"url": "/a"}], "liked": False}
    return values | {"like_count": 0, "comment_count": 0} | changes


def page(*numbers: int) -> dict[str, Any]:
    """Return a page of photos."""
    return {"next": None, "previous": None, "results": [card(number) for number in numbers]}


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (200, b"", ""),
        (404, b"", "404"),
        (429, b"", "429"),
        (500, b"oops", "500"),
        (500, b"database is LOCKED", response_checks.LOCK),
        (302, b"", "wrong: status 302"),
    ],
)
def test_a_status_is_a_cause(status: int, body: bytes, cause: str) -> None:
    assert of_status(status, body, "", (200,)) == cause


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("TimeoutError('timed out')", response_checks.TIMEOUT),
        ("ConnectionRefusedError(111)", response_checks.REFUSED),
        ("HTTPConnectionClosed()", response_checks.REFUSED),
    ],
)
def test_a_lost_connection_is_a_cause(error: str, cause: str) -> None:
    assert of_status(0, b"", error, (200,)) == cause


def test_a_good_page_has_no_fault() -> None:
    assert page_fault(page(9, 7, 3), before=10, least=3) == ""
    assert page_fault(page()) == ""


def test_a_page_out_of_order_is_wrong() -> None:
    assert "order" in page_fault(page(7, 9))
    assert "order" in page_fault(page(9, 9))
    assert "order" in page_fault(page(9), before=9)


def test_a_page_that_lost_photos_is_wrong() -> None:
    assert "number" in page_fault(page(9, 7), least=3)
    assert "number" in page_fault(page(*range(30, 0, -1)))


def test_a_page_or_photo_of_another_shape_is_wrong() -> None:
    assert page_fault(None)
    assert page_fault({"results": []})
    assert "keys" in photo_fault({"id": "1"})
    assert "keys" in page_fault({**page(), "results": [{**card(1), "secret": 1}]})


def test_a_photo_must_be_the_one_that_was_asked_for_and_show_its_likes() -> None:
    assert photo_fault(card(5), "5") == ""
    assert "another" in photo_fault(card(5), "6")
    assert photo_fault(card(5, liked=True))
    assert photo_fault(card(5, sources=[]))


def test_an_error_is_told_in_short() -> None:
    assert response_checks.in_short(b'{"code": "database_unavailable", "detail": "..."}') == (
        "database_unavailable"
    )
    assert len(response_checks.in_short(b"<html>" * 100)) == 100


def test_a_body_that_ends_too_early_is_a_lost_connection_and_no_wrong_answer() -> None:
    assert response_checks.is_cut({"content-length": "10"}, b"{")
    assert not response_checks.is_cut({"content-length": "1"}, b"{")
    assert not response_checks.is_cut({"content-length": "1", "content-encoding": "gzip"}, b"{}")
    assert not response_checks.is_cut({}, b"{}")


@pytest.mark.django_db
def test_photos_and_authors_have_the_keys_that_the_site_sends() -> None:
    author = make_user()
    photo = make_photo(author)
    [shown] = cards_of([photo.pk], author)
    sent = photo_json(shown, "")
    assert sent.keys() == response_checks.CARD_KEYS
    assert sent["author"].keys() == response_checks.AUTHOR_KEYS
