"""HTTP for files that never change under their name: types, validators, caching, ranges."""

from __future__ import annotations

import re

from django.utils.http import parse_etags

A_YEAR = 365 * 24 * 3600
# A shared cache may keep neither: a public account can go private at any moment.
PUBLIC = f"private, max-age={A_YEAR}, immutable"
PRIVATE = "private, no-cache"
VARY = "Cookie, Authorization"
# All that is ever sent. The name's end decides, and names are ours, never an uploader's.
TYPES = {"webp": "image/webp", "jpg": "image/jpeg", "zip": "application/zip"}
# The number of digits is bounded because Python refuses to convert very long ones.
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.IGNORECASE)


def content_type(name: str) -> str:
    """Return the media type of a file that is served. Raises ``KeyError`` for any other."""
    return TYPES[name.rpartition(".")[2]]


def etag_of(name: str) -> str:
    """Return the entity tag of a file: its name holds the hash of its content."""
    return f'"{name.rpartition("/")[2]}"'


def has_it(if_none_match: str, etag: str) -> bool:
    """Return whether the sender of an ``If-None-Match`` header has the file already."""
    held = {tag.removeprefix("W/") for tag in parse_etags(if_none_match)}
    return not held.isdisjoint({etag, "*"})


def asked_part(asked: str, condition: str, etag: str, size: int) -> range | None:
    """Return which bytes a GET asks for: none of them if that part does not exist.

    ``asked`` is the ``Range`` header, ``condition`` ``If-Range``; either is empty if it was not
    sent. ``None`` is the whole file: no range, several (which a server may ignore), one that cannot
    be understood, or one of an earlier file (RFC 9110, section 14).
    """
    found = _RANGE.fullmatch(asked)
    if found is None or (condition and condition != etag):
        return None
    first, last = found.groups()
    if not first:
        return range(max(size - int(last), 0), size) if last else None
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, size) if last else size)
