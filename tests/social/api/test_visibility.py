"""Who sees what over the API: one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts import services
from accounts.models import User
from photos.models import Photo
from photos.services import comment
from social import follows
from tests.factories import make_follow, make_photo, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]

# What the owner's account answers to each viewer: a public account, a private one, a suspended
# one (which is public). The viewers stand in this order.
VIEWERS = ["nobody", "stranger", "requester", "follower", "blocked", "owner"]
TABLE = {
    "photos/{id}/": ([401, 200, 200, 200, 404, 200], [401, 404, 404, 200, 404, 200]),
    "photos/{id}/likes/": ([401, 200, 200, 200, 404, 200], [401, 404, 404, 200, 404, 200]),
    "photos/{id}/comments/": ([401, 200, 200, 200, 404, 200], [401, 404, 404, 200, 404, 200]),
    "users/olga/": ([401, 200, 200, 200, 404, 200], [401, 200, 200, 200, 404, 200]),
    "users/olga/photos/": ([401, 200, 200, 200, 404, 200], [401, 403, 403, 200, 404, 200]),
    "users/olga/followers/": ([401, 200, 200, 200, 404, 200], [401, 403, 403, 200, 404, 200]),
    "users/olga/following/": ([401, 200, 200, 200, 404, 200], [401, 403, 403, 200, 404, 200]),
}
CASES = [
    (address, private, viewer, statuses[private][number])
    for address, statuses in TABLE.items()
    for private in (False, True)
    for number, viewer in enumerate(VIEWERS)
]


def scene(*, private: bool) -> tuple[dict[str, User | None], Photo]:
    """Set the owner, a photo with a comment, and all viewers."""
    owner = make_user("olga", private=private)
    people = {name: make_user(name) for name in VIEWERS[1:5]}
    photo = make_photo(owner)
    comment(author=owner, photo_id=photo.pk, text="Mine")
    make_follow(people["follower"], owner)
    follows.follow(follower=people["requester"], followee=owner)
    make_follow(people["blocked"], owner)
    follows.block(blocker=owner, blocked=people["blocked"])
    return {"nobody": None, "owner": owner, **people}, photo


@pytest.mark.parametrize(("address", "private", "viewer", "status"), CASES)
def test_every_address_answers_every_viewer_as_the_table_says(
    api_as: As, address: str, private: bool, viewer: str, status: int
) -> None:
    people, photo = scene(private=private)
    response = api_as(people[viewer]).get(f"/api/v1/{address.format(id=photo.pk)}")
    assert response.status_code == status
    if status == 403:
        assert response.json()["code"] == "private_account"


@pytest.mark.parametrize("viewer", ["stranger", "requester", "blocked"])
def test_nobody_acts_on_what_they_may_not_see(api_as: As, viewer: str) -> None:
    people, photo = scene(private=True)
    client = api_as(people[viewer])
    path = f"/api/v1/photos/{photo.pk}/"
    for answer in (
        client.put(f"{path}like/"),
        client.delete(f"{path}like/"),
        client.post(f"{path}comments/", {"text": "Hi"}),
        client.patch(path, {"caption": "x"}),
        client.delete(path),
    ):
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("address", [*TABLE])
def test_a_suspended_person_is_gone_for_everyone(api_as: As, address: str) -> None:
    people, photo = scene(private=False)
    services.suspend(user=people["owner"])  # type: ignore[arg-type]
    for viewer in ("stranger", "follower"):
        path = f"/api/v1/{address.format(id=photo.pk)}"
        assert api_as(people[viewer]).get(path).status_code == 404


@pytest.mark.parametrize("address", ["feed/", "explore/", "explore/?sort=popular"])
def test_lists_hold_only_what_the_viewer_may_see(api_as: As, address: str) -> None:
    people, photo = scene(private=True)
    shown = {
        viewer: [
            row["id"] for row in api_as(people[viewer]).get(f"/api/v1/{address}").json()["results"]
        ]
        for viewer in VIEWERS[1:]
    }
    expected = ["follower", "owner"] if address == "feed/" else []
    for viewer, ids in shown.items():
        assert ids == ([str(photo.pk)] if viewer in expected else [])
