"""Checks of answers: pure functions over status and JSON; each returns a cause, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson

PAGE = 20
CARD_KEYS = frozenset(
    {
        "id",
        "url",
        "author",
        "caption",
        "created_at",
        "alt_text",
        "width",
        "height",
        "placeholder",
        "sources",
        "more",
        "preview",
        "camera",
        "caption_entities",
        "comments_off",
        "sensitive",
        "archived",
        "like_count",
        "comment_count",
        "liked",
    }
)
AUTHOR_KEYS = frozenset({"id", "username", "display_name", "avatar"})
# What people see when a write or a read of their own is not there yet.
STALE = "stale: own write is missing"
# Without a time to come back clients would try again at once.
NO_RETRY_AFTER = "503 without Retry-After"
TIMEOUT, REFUSED, LOCK = "timeout", "refused", "lock"
WRONG = "wrong: "


def of_status(status: int, body: bytes, error: str, expected: Sequence[int]) -> str:
    """Return why a request failed by its status or connection; nothing if it is as expected."""
    if status == 0:
        return of_connection(error)
    if status in expected:
        return ""
    if status >= 500 and b"lock" in body.lower():
        return LOCK
    if status < 400:
        return f"{WRONG}status {status}"
    return str(status)


def of_connection(error: str) -> str:
    """Return the cause for what a client's library raised, given by name and message."""
    text = error.lower()
    if "timed out" in text or "timeout" in text:
        return TIMEOUT
    return REFUSED


def is_cut(headers: Any, body: bytes) -> bool:
    """Return whether the body is shorter than announced; never so for compressed ones."""
    length = headers.get("content-length")
    return bool(length) and not headers.get("content-encoding") and int(length) != len(body)


def picture_fault(status: int, length: str, body: bytes | bytearray, tag: str) -> str:
    """Return what is wrong with a picture, else nothing; ``tag`` is that of a copy, if any.

    Only who has a copy may be told that it is still right.
    """
    if status == 304 and tag:
        return ""
    if status == 200:
        if body[8:12] != b"WEBP":
            return f"{WRONG}no WebP"
        return "" if not length or int(length) == len(body) else REFUSED
    return of_status(status, bytes(body), "", (200,))


def decoded(body: bytes) -> Any:
    """Return the value of a JSON body, ``None`` for a body that is no JSON."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def in_short(body: bytes) -> str:
    """Return the code of an API error, or the beginning of whatever else was answered."""
    problem = decoded(body) if body[:1] == b"{" else None
    if isinstance(problem, dict) and "code" in problem:
        return str(problem["code"])
    return body[:100].decode(errors="replace")


def photo_fault(card: Any, photo_id: str = "") -> str:
    """Return what is wrong with one photo card, else nothing; ``photo_id`` is the wanted one."""
    if not isinstance(card, dict) or card.keys() != CARD_KEYS:
        return f"{WRONG}keys of a photo"
    if photo_id and card["id"] != photo_id:
        return f"{WRONG}another photo"
    if card["author"].keys() != AUTHOR_KEYS:
        return f"{WRONG}keys of an author"
    if not card["sources"] or card["like_count"] < (1 if card["liked"] else 0):
        return f"{WRONG}photo without pictures or likes"
    return ""


def page_fault(page: Any, *, before: int = 0, least: int = 0) -> str:
    """Return what is wrong with a page of photos (keys, order, size, doubles), else nothing.

    ``before`` is the last id of the page before; ``least`` how many photos must be there.
    """
    if not isinstance(page, dict) or page.keys() != {"next", "previous", "results"}:
        return f"{WRONG}keys of a page"
    cards = page["results"]
    if not least <= len(cards) <= PAGE:
        return f"{WRONG}number of photos on a page"
    last = before
    for card in cards:
        number = int(card["id"])
        if last and number >= last:
            return f"{WRONG}order of a page"
        last = number
    return photo_fault(cards[0]) or photo_fault(cards[-1]) if cards else ""


def path_of(url: str) -> str:
    """Return path and query of an address that the site gave."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
