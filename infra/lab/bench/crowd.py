"""The people who use a site that is measured, and what they have found on it.

They are asked for over the API of the site, so that it may be one of another revision.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from infra.lab.bench.client import Client, bearer
from infra.lab.bench.wrk import Request

PASSWORD = "bench-mark-password-1"  # noqa: S105 - of people who exist for the measurement only
FEED = "/api/v1/feed/"
MOST_SESSIONS = 60
# One person of so many has a private account.
PRIVATE_SHARE = 50
# The width that a telephone loads for a feed.
PICTURE_WIDTH = 640
MOST_PICTURES = 500
# How many pages down the deepest page lies that is read, and of how many people.
DEEPEST, MOST_DEEP = 10, 20
# Access tokens are valid for fifteen minutes.
RENEW_SECONDS = 600


@dataclass(frozen=True)
class Picture:
    """The address of a picture, who has found it, and the header that asks whether it changed.

    ``size`` is that of its file in bytes.
    """

    path: str
    reader: str
    condition: dict[str, str]
    size: int


@dataclass
class Crowd:
    """People with tokens and sessions, and addresses that they have found.

    ``issue`` returns new tokens for these names. ``tokens`` are renewed by ``header_of``.
    """

    names: Sequence[str]
    issue: Callable[[Sequence[str]], dict[str, str]]
    cookies: list[str] = field(default_factory=list)
    hidden: tuple[str, ...] = ()
    photos: list[str] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    private_pictures: list[Picture] = field(default_factory=list)
    # Path of the second page, and of the eleventh, by who reads it.
    second_pages: dict[str, str] = field(default_factory=dict)
    deep_pages: dict[str, str] = field(default_factory=dict)
    # How many pages were requested that nobody had requested before.
    used_edges: int = 0
    tokens: dict[str, str] = field(default_factory=dict)
    issued_at: float = -RENEW_SECONDS

    @property
    def public(self) -> list[str]:
        """The names of those whose account is public."""
        return [name for name in self.names if name not in self.hidden]

    def header_of(self, name: str) -> dict[str, str]:
        """Return the header with a token of this person that is valid for minutes to come."""
        if time.monotonic() > self.issued_at + RENEW_SECONDS:
            self.tokens = self.issue(self.names)
            self.issued_at = time.monotonic()
        return bearer(self.tokens[name])


def look_around(client: Client, crowd: Crowd) -> None:
    """Let the people log in, some hide their account, and all read their feed, for what is there.

    Costs a request for each person and picture, and a log-in for each session.
    """
    crowd.hidden = tuple(crowd.names[-max(1, len(crowd.names) // PRIVATE_SHARE) :])
    for name in crowd.hidden:
        token = crowd.header_of(name)["Authorization"][7:]
        client.call("PATCH", "/api/v1/me/", {"is_private": True}, token)
    found: dict[str, tuple[str, str, str]] = {}
    for name in crowd.names:
        page = _page(client, crowd, name, FEED)
        if page["next"]:
            crowd.second_pages[name] = local(page["next"])
        for photo in page["results"]:
            found.setdefault(photo["id"], (photo["author"]["username"], _address(photo), name))
    shown = {pk: each for pk, each in found.items() if each[0] not in crowd.hidden}
    crowd.photos = sorted(shown)
    crowd.pictures = list(_pictures(client, crowd, shown.values()))
    hidden = [each for pk, each in found.items() if pk not in shown]
    crowd.private_pictures = list(_pictures(client, crowd, hidden))
    crowd.deep_pages = dict(_deep_pages(client, crowd))
    crowd.cookies = [client.log_in(name, PASSWORD) for name in crowd.public[:MOST_SESSIONS]]


def local(address: str) -> str:
    """Return an address without scheme and host."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _page(client: Client, crowd: Crowd, name: str, path: str) -> dict[str, Any]:
    return client.call("GET", path, token=crowd.header_of(name)["Authorization"][7:])


def _address(photo: dict[str, Any]) -> str:
    """Return the address of the rendition of a photo that is as wide as a telephone loads it."""
    sources = photo["sources"]
    fitting = [each["url"] for each in sources if each["width"] >= PICTURE_WIDTH]
    return local((fitting or [sources[-1]["url"]])[0])


def _pictures(
    client: Client, crowd: Crowd, found: Iterable[tuple[str, str, str]]
) -> Iterator[Picture]:
    """Load pictures for who found them, and yield them with what a browser sends the next time.

    Raises ``RuntimeError`` for one that is not sent.
    """
    for _, path, reader in islice(found, MOST_PICTURES):
        status, headers, body = client.ask(Request("GET", path, crowd.header_of(reader)))
        if status != 200:
            raise RuntimeError(f"GET {path} answered {status}.")
        if "etag" in headers:
            condition = {"If-None-Match": headers["etag"]}
        else:
            condition = {"If-Modified-Since": headers["last-modified"]}
        yield Picture(path, reader, condition, len(body))


def _deep_pages(client: Client, crowd: Crowd) -> Iterator[tuple[str, str]]:
    """Yield who has a feed of so many pages, and the path of the deepest."""
    for name, second in islice(crowd.second_pages.items(), MOST_DEEP):
        path = second
        for _ in range(DEEPEST - 1):
            following = _page(client, crowd, name, path)["next"]
            path = local(following) if following else ""
            if not path:
                break
        if path:
            yield name, path
