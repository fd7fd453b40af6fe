"""Feed, explore and profiles over the API: pages and their cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from photos.services import comment
from tests.factories import make_follow, make_photo, make_user
from tests.social.lean import sent

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]

LISTS = {
    "feed/": 3,
    "explore/": 3,
    "explore/?sort=popular": 3,
    "users/bob/photos/": 4,
    "users/bob/followers/": 3,
    "users/bob/following/": 3,
}


def scene(alice: User, bob: User, rows: int) -> None:
    """Let bob have followers, follow people and publish."""
    make_follow(alice, bob)
    for _ in range(rows):
        friend = make_user()
        make_follow(friend, bob)
        make_follow(bob, friend)
        make_photo(bob)


def walk(client: Any, url: str | None, link: str) -> list[list[str]]:
    """Return the ids of all pages from ``url`` on, following ``next`` or ``previous``."""
    pages = []
    while url:
        body = client.get(url).json()
        assert set(body) == {"next", "previous", "results"}
        pages.append([row["id"] for row in body["results"]])
        url = body[link]
        last = body
    walk.last = last  # type: ignore[attr-defined]
    return pages


@pytest.mark.parametrize("address", LISTS)
def test_walking_through_a_list_and_back_meets_every_row_once(
    api_as: As, alice: User, bob: User, address: str
) -> None:
    scene(alice, bob, 11)
    client = api_as(alice)
    sign = "&" if "?" in address else "?"
    forward = walk(client, f"/api/v1/{address}{sign}limit=4", "next")
    ids = [row for page in forward for row in page]
    assert len(ids) == len(set(ids)) >= 11
    last = walk.last  # type: ignore[attr-defined]
    backward = walk(client, last["previous"], "previous")
    assert backward == forward[-2::-1]


@pytest.mark.parametrize("rows", [3, 20])
@pytest.mark.parametrize(("address", "expected"), LISTS.items())
def test_the_cost_does_not_grow_with_rows(
    api_as: As, alice: User, bob: User, address: str, expected: int, rows: int
) -> None:
    scene(alice, bob, rows)
    client = api_as(alice)
    # The first one ranks what is popular.
    client.get(f"/api/v1/{address}")
    with sent() as statements:
        assert client.get(f"/api/v1/{address}").status_code == 200
    assert len(statements) == expected


@pytest.mark.parametrize("address", [*LISTS, "me/requests/", "me/blocks/"])
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("cursor=nonsense", "invalid_cursor"),
        ("cursor=n99999999999999999999", "invalid_cursor"),
        ("cursor=n1_2_3", "invalid_cursor"),
        ("cursor=%00", "invalid_cursor"),
        ("limit=0", "invalid_limit"),
        ("limit=51", "invalid_limit"),
        ("limit=x", "invalid_limit"),
        ("limit=²", "invalid_limit"),
    ],
)
def test_broken_cursors_and_limits_are_refused(
    api_as: As, alice: User, bob: User, address: str, query: str, code: str
) -> None:
    sign = "&" if "?" in address else "?"
    response = api_as(alice).get(f"/api/v1/{address}{sign}{query}")
    assert (response.status_code, response.json()["code"]) == (400, code)


def test_explore_knows_two_orders(api_as: As, alice: User) -> None:
    response = api_as(alice).get("/api/v1/explore/?sort=random")
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["sort"]


def test_a_comment_list_pages_as_well(api_as: As, alice: User) -> None:
    photo = make_photo(alice)
    for number in range(9):
        comment(author=alice, photo_id=photo.pk, text=str(number))
    pages = walk(api_as(alice), f"/api/v1/photos/{photo.pk}/comments/?limit=4", "next")
    assert [len(page) for page in pages] == [4, 4, 1]
