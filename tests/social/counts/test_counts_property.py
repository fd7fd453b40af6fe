"""Whatever people do, every count is the length of the list that its viewer is shown."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

import photos.services
from accounts import services
from accounts.api.tokens import issue
from accounts.models import User
from photos import hiding
from photos.bin import move_to_bin, restore
from photos.models import Comment, Photo, Removal
from social import follows, profiles
from social.upkeep import reconcile
from tests.factories import make_follow, make_photo, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PEOPLE = 3
Act = Callable[[User, User, Photo], Any]


def comment(me: User, photo: Photo) -> None:
    photos.services.comment(author=me, photo_id=photo.pk, text="Oh")


def uncomment(photo: Photo) -> None:
    if written := Comment.objects.filter(photo=photo).first():
        photos.services.delete_comment(comment=written)


def bring_back(photo: Photo) -> None:
    for removal in Removal.objects.filter(photo=photo):
        restore(removal=removal)


ACTS: dict[str, Act] = {
    "like": lambda me, you, photo: photos.services.like(user=me, photo_id=photo.pk),
    "unlike": lambda me, you, photo: photos.services.unlike(user=me, photo_id=photo.pk),
    "comment": lambda me, you, photo: comment(me, photo),
    "uncomment": lambda me, you, photo: uncomment(photo),
    "bin": lambda me, you, photo: move_to_bin(photo=photo),
    "unbin": lambda me, you, photo: bring_back(photo),
    "delete": lambda me, you, photo: photos.services.delete_photo(photo=photo),
    "archive": lambda me, you, photo: hiding.archive_photo(photo=photo),
    "bring back": lambda me, you, photo: hiding.bring_back_photo(photo=photo),
    "moderate": lambda me, you, photo: hiding.hide_photo(photo=photo),
    "follow": lambda me, you, photo: make_follow(me, you),
    "unfollow": lambda me, you, photo: follows.unfollow(follower=me, followee=you),
    "remove": lambda me, you, photo: follows.remove_follower(owner=me, follower=you),
    "hide": lambda me, you, photo: follows.set_privacy(user=me, private=True),
    "block": lambda me, you, photo: follows.block(blocker=me, blocked=you),
    "unblock": lambda me, you, photo: follows.unblock(blocker=me, blocked=you),
    "suspend": lambda me, you, photo: services.suspend(user=me),
    "restore": lambda me, you, photo: services.restore(user=me),
    "leave": lambda me, you, photo: profiles.delete_account(user=me),
}
REFUSALS = (follows.CannotFollow, photos.services.PhotoGone, User.DoesNotExist)
acts = st.tuples(
    st.sampled_from(sorted(ACTS)),
    st.integers(0, PEOPLE - 1),
    st.integers(1, PEOPLE - 1),
    st.integers(0, 9),
)


class Site:
    """Some people who know each other, and their photos."""

    def __init__(self) -> None:
        self.people = [make_user() for _ in range(PEOPLE)]
        for number, person in enumerate(self.people):
            shown = make_photo(person)
            for other in self.people[:number]:
                make_follow(person, other)
                photos.services.like(user=other, photo_id=shown.pk)
                comment(other, shown)

    def act(self, name: str, who: int, distance: int, which: int) -> None:
        """Let somebody do something, if both people and a photo are still there."""
        me, you = self.people[who], self.people[(who + distance) % PEOPLE]
        found = list(Photo.objects.order_by("pk"))
        if found and User.objects.filter(pk__in=[me.pk, you.pk]).count() == 2:
            with suppress(*REFUSALS):
                ACTS[name](me, you, found[which % len(found)])

    def viewers(self) -> list[User | None]:
        return [*User.objects.filter(is_active=True), None]


def clients(viewer: User | None) -> tuple[APIClient, Client]:
    api, pages = APIClient(), Client()
    if viewer is not None:
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {issue(viewer)['access']}")
        pages.force_login(viewer)
    return api, pages


def length(api: APIClient, path: str) -> int | None:
    """Return how many rows a list has; ``None`` if it is not shown."""
    answer = api.get(f"/api/v1/{path}?limit=50").json()
    return len(answer["results"]) if "results" in answer else None


def check_photos(api: APIClient, pages: Client) -> None:
    for photo in Photo.objects.all():
        page = pages.get(f"/p/{photo.code}/")
        if page.status_code == 404:
            continue
        card = page.context["card"]
        assert card.comment_count == len(page.context["page"].items)
        seen = api.get(f"/api/v1/photos/{photo.pk}/")
        if seen.status_code == 200:
            counts = (seen.json()["like_count"], seen.json()["comment_count"])
            assert counts == (card.like_count, card.comment_count)
            lists = [length(api, f"photos/{photo.pk}/{what}/") for what in ("likes", "comments")]
            assert counts == tuple(lists)


def check_people(api: APIClient, pages: Client) -> None:
    profiles_seen: dict[str, Any] = {}
    for person in User.objects.all():
        seen = api.get(f"/api/v1/users/{person.username}/")
        if seen.status_code != 200:
            continue
        shown = pages.get(f"/@{person.username}/").context["person"]
        profiles_seen[person.username] = seen.json()
        counts = {"followers": shown.followers_seen, "following": shown.following_seen}
        assert seen.json()["follower_count"] == counts["followers"]
        assert seen.json()["following_count"] == counts["following"]
        for what, count in counts.items():
            assert length(api, f"users/{person.username}/{what}/") in {count, None}
        for row in api.get(f"/api/v1/users/{person.username}/followers/").json().get("results", []):
            assert row["is_suspended"] or row == profiles_seen.get(row["username"], row)


@given(st.lists(acts, min_size=1, max_size=12))
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_count_is_the_length_of_its_list(
    db: None, done: list[tuple[str, int, int, int]]
) -> None:
    User.objects.all().delete()
    site = Site()
    for act in done:
        site.act(*act)
    assert {wrong for _, wrong in reconcile(fix=False).values()} == {0}
    for viewer in site.viewers():
        api, pages = clients(viewer)
        check_photos(api, pages)
        check_people(api, pages)
