"""The requests of each row, made beforehand: many people, each time in another order.

A function of this module takes the crowd of a site and dice, and returns the requests of one row;
none where the data set has no such thing. Equal dice make equal work for every site.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import TypeVar

from infra.lab.bench import rows
from infra.lab.bench.client import JSON
from infra.lab.bench.crowd import FEED, Crowd, Picture
from infra.lab.bench.wrk import Request
from infra.lab.load.pictures import MULTIPART, form_of, real_jpeg

T = TypeVar("T")
Workload = Callable[[Crowd, Random], list[Request]]
# So many requests before they repeat; more than a thousand people, and many photos of each.
DIFFERENT = 4000
# Pages that no cache has are never to repeat while an entry may live.
DIFFERENT_EDGES = 16_000
# How many pairs a pair of people, or a person and a photo, is followed by before it is undone.
LATER = 32
RANGE = {"Range": "bytes=100-1099"}
# A header that the lean paths leave to Django.
BY_DJANGO = {"Cookie": "theme=dark"}
PUBLISHED_SIZE = (1280, 960)
CURSOR = re.compile(r"(?P<before>.*[?&]cursor=n)(?P<edge>\d+)(?P<after>.*)")


def pictures(crowd: Crowd, dice: Random) -> list[Request]:
    """Return requests for pictures of public accounts, without a token, as a page asks."""
    return [Request("GET", each.path) for each in _shuffled(crowd.pictures, dice)]


def pictures_again(crowd: Crowd, dice: Random) -> list[Request]:
    """Return conditional requests for pictures that the reader has."""
    return [Request("GET", each.path, each.condition) for each in _shuffled(crowd.pictures, dice)]


def picture_ranges(crowd: Crowd, dice: Random) -> list[Request]:
    """Return requests for a part of a picture."""
    return [Request("GET", each.path, RANGE) for each in _shuffled(crowd.pictures, dice)]


def private_pictures(crowd: Crowd, dice: Random) -> list[Request]:
    """Return requests of followers for pictures of private accounts."""
    return _private(crowd, dice, lambda _: {})


def private_pictures_again(crowd: Crowd, dice: Random) -> list[Request]:
    """Return conditional requests of followers for pictures of private accounts."""
    return _private(crowd, dice, lambda picture: picture.condition)


def private_picture_ranges(crowd: Crowd, dice: Random) -> list[Request]:
    """Return requests of followers for a part of a picture of a private account."""
    return _private(crowd, dice, lambda _: RANGE)


def _private(
    crowd: Crowd, dice: Random, headers: Callable[[Picture], Mapping[str, str]]
) -> list[Request]:
    return [
        Request("GET", each.path, {**crowd.header_of(each.reader), **headers(each)})
        for each in _shuffled(crowd.private_pictures, dice)
    ]


def feeds(crowd: Crowd, dice: Random) -> list[Request]:
    """Return requests for the first page of everybody's feed."""
    return [
        Request("GET", FEED, crowd.header_of(name)) for name in _shuffled(list(crowd.names), dice)
    ]


def second_pages(crowd: Crowd, dice: Random) -> list[Request]:
    """Return requests for the second page of everybody's feed."""
    return _pages_of(crowd, dice, crowd.second_pages)


def deep_pages(crowd: Crowd, dice: Random) -> list[Request]:
    """Return requests for a page far down in the feed of some people."""
    return _pages_of(crowd, dice, crowd.deep_pages)


def _pages_of(crowd: Crowd, dice: Random, paths: Mapping[str, str]) -> list[Request]:
    pairs = _shuffled(list(paths.items()), dice)
    return [Request("GET", path, crowd.header_of(name)) for name, path in pairs]


def uncached_pages(crowd: Crowd, _: Random) -> list[Request]:
    """Return requests for second pages from edges that nobody has requested before.

    Ids lie far apart: a page from an edge a little lower holds the photos of its neighbour.
    """
    made = []
    paths = list(crowd.second_pages.items())
    for number in range(DIFFERENT_EDGES if paths else 0):
        name, path = paths[number % len(paths)]
        found = CURSOR.fullmatch(path)
        if found is None:
            return []
        crowd.used_edges += 1
        edge = int(found["edge"]) - crowd.used_edges
        address = f"{found['before']}{edge}{found['after']}"
        made.append(Request("GET", address, crowd.header_of(name)))
    return made


def feeds_by_django(crowd: Crowd, dice: Random) -> list[Request]:
    """Return requests for the first page of feeds that no lean path answers."""
    return [
        Request(each.method, each.path, {**each.headers, **BY_DJANGO})
        for each in feeds(crowd, dice)
    ]


def feeds_and_photos(crowd: Crowd, dice: Random) -> list[Request]:
    """Return reads of feeds and of photos in turn, each by another person than the one before."""
    made = []
    for number, name in enumerate(readers(crowd, dice)):
        # Who has read their feed reads a photo the next time.
        reads_photo = (number + number // len(crowd.names)) % 2
        path = _photo(crowd, dice) if reads_photo else FEED
        made.append(Request("GET", path, crowd.header_of(name)))
    return made


def _by_members(path: Callable[[Crowd, Random], str]) -> Workload:
    """Return a workload of reads of different paths by different people."""

    def requests(crowd: Crowd, dice: Random) -> list[Request]:
        names = readers(crowd, dice)
        return [Request("GET", path(crowd, dice), crowd.header_of(name)) for name in names]

    return requests


def _as_pages(path: Callable[[Crowd, Random], str]) -> Workload:
    """Return a workload of pages, each for one of the people with a session."""

    def requests(crowd: Crowd, dice: Random) -> list[Request]:
        cookies = [dice.choice(crowd.cookies) for _ in range(DIFFERENT if crowd.cookies else 0)]
        return [Request("GET", path(crowd, dice), {"Cookie": cookie}) for cookie in cookies]

    return requests


def explore_page_anonymous(_crowd: Crowd, _dice: Random) -> list[Request]:
    """Return the request for the explore page of somebody who is not logged in."""
    return [Request("GET", "/explore/")]


def likes(crowd: Crowd, dice: Random) -> list[Request]:
    """Return likes of different photos by different people, each taken back a little later."""
    paths = [f"/api/v1/photos/{dice.choice(crowd.photos)}/like/" for _ in range(DIFFERENT)]
    return done_and_undone(crowd, dice, paths)


def follows(crowd: Crowd, dice: Random) -> list[Request]:
    """Return follows of different people by different people, each ended a little later."""
    paths = [f"/api/v1/users/{dice.choice(crowd.public)}/follow/" for _ in range(DIFFERENT)]
    return done_and_undone(crowd, dice, paths)


def comments(crowd: Crowd, dice: Random) -> list[Request]:
    """Return comments on different photos by different people, no two of them alike."""
    made = []
    for number, name in enumerate(readers(crowd, dice)):
        body = json.dumps({"text": f"What a light, number {number} of {dice.random()}!"}).encode()
        path = f"/api/v1/photos/{dice.choice(crowd.photos)}/comments/"
        made.append(Request("POST", path, {**JSON, **crowd.header_of(name)}, body))
    return made


def published(crowd: Crowd, dice: Random) -> list[Request]:
    """Return photos to publish, each of another person and another file."""
    jpeg = real_jpeg(PUBLISHED_SIZE, 1)
    made = []
    for name in dice.sample(crowd.public, min(rows.PUBLISH.one_by_one + 1, len(crowd.public))):
        headers = {"Content-Type": MULTIPART, **crowd.header_of(name)}
        body = form_of(jpeg, f"Measured {dice.random()}")
        made.append(Request("POST", "/api/v1/photos/", headers, body))
    return made


def done_and_undone(crowd: Crowd, dice: Random, paths: list[str]) -> list[Request]:
    """Return a PUT for each path and, some pairs later, its DELETE, by a person of its own.

    Whoever repeats all of them finds everything undone. Nobody acts on their own account.
    """
    pairs = [
        (path, name)
        for path, name in zip(paths, readers(crowd, dice), strict=True)
        if f"/{name}/" not in path
    ]
    made = []
    for number, (path, name) in enumerate([*pairs, *pairs[:LATER]]):
        if number < len(pairs):
            made.append(Request("PUT", path, crowd.header_of(name)))
        if number >= LATER:
            before, who = pairs[number - LATER]
            made.append(Request("DELETE", before, crowd.header_of(who)))
    return made


def readers(crowd: Crowd, dice: Random) -> list[str]:
    """Return who acts: everybody in turn, shuffled, until there are enough."""
    order = _shuffled(list(crowd.names), dice)
    return [order[number % len(order)] for number in range(DIFFERENT)]


def _shuffled(items: Iterable[T], dice: Random) -> list[T]:
    found = list(items)
    return dice.sample(found, len(found))


def _photo(crowd: Crowd, dice: Random) -> str:
    return f"/api/v1/photos/{dice.choice(crowd.photos)}/"


def _profile(crowd: Crowd, dice: Random) -> str:
    return f"/api/v1/users/{dice.choice(crowd.public)}/"


WORKLOADS: Mapping[str, Workload] = {
    rows.PICTURE.name: pictures,
    rows.PICTURE_AGAIN.name: pictures_again,
    rows.PICTURE_RANGE.name: picture_ranges,
    rows.PRIVATE.name: private_pictures,
    rows.PRIVATE_AGAIN.name: private_pictures_again,
    rows.PRIVATE_RANGE.name: private_picture_ranges,
    rows.FEED.name: feeds,
    rows.FEED_SECOND.name: second_pages,
    rows.FEED_DEEP.name: deep_pages,
    rows.FEED_MISS.name: uncached_pages,
    rows.FEED_DJANGO.name: feeds_by_django,
    rows.PHOTO.name: _by_members(_photo),
    rows.FEED_AND_PHOTO.name: feeds_and_photos,
    rows.PROFILE.name: _by_members(_profile),
    rows.PROFILE_PHOTOS.name: _by_members(lambda *both: f"{_profile(*both)}photos/"),
    rows.EXPLORE.name: _by_members(lambda *_: "/api/v1/explore/"),
    rows.EXPLORE_POPULAR.name: _by_members(lambda *_: "/api/v1/explore/?sort=popular"),
    rows.FEED_PAGE.name: _as_pages(lambda *_: "/feed/"),
    rows.EXPLORE_PAGE.name: _as_pages(lambda *_: "/explore/"),
    rows.EXPLORE_PAGE_ANONYMOUS.name: explore_page_anonymous,
    rows.PROFILE_PAGE.name: _as_pages(lambda crowd, dice: f"/@{dice.choice(crowd.public)}/"),
    rows.LIKE.name: likes,
    rows.FOLLOW.name: follows,
    rows.COMMENT.name: comments,
    rows.PUBLISH.name: published,
}
