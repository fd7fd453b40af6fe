"""Nothing of what somebody may not see is left at their next search."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Mute, User, Viewer
from accounts.services import restore, suspend
from photos.hiding import hide_photo, show_photo
from photos.models import Photo
from photos.services import delete_photo
from social import follows, search
from social.mutes import mute
from social.profiles import delete_account
from tests.factories import make_follow, make_photo, make_user
from tests.social.search.asking import NOBODY, captions, people, suggested, tags

pytestmark = pytest.mark.django_db
EVERYTHING = (["bob"], ["nightfall"], ["Some night #nightfall"], ["bob"], ["#nightfall"])


def found_by(viewer: Viewer) -> tuple[list[str], ...]:
    """Return what a viewer finds of bob: himself, tag and photo, and what is suggested."""
    return (
        people("bob", viewer),
        tags("night", viewer),
        captions("night", viewer),
        suggested("bo", viewer),
        suggested("nightf", viewer),
    )


@pytest.fixture
def photo(bob: User) -> Photo:
    """Return a photo of bob with a tag."""
    return make_photo(bob, "Some night #nightfall")


def go_private(bob: User, _alice: User, _photo: Photo) -> None:
    follows.set_privacy(user=bob, private=True)


def block(bob: User, alice: User, _photo: Photo) -> None:
    follows.block(blocker=bob, blocked=alice)


def be_blocked(bob: User, alice: User, _photo: Photo) -> None:
    follows.block(blocker=alice, blocked=bob)


def be_suspended(bob: User, _alice: User, _photo: Photo) -> None:
    suspend(user=bob)


def go(bob: User, _alice: User, _photo: Photo) -> None:
    delete_account(user=bob)


def hide(_bob: User, _alice: User, photo: Photo) -> None:
    hide_photo(photo=photo)


def delete(_bob: User, _alice: User, photo: Photo) -> None:
    delete_photo(photo=photo)


@pytest.mark.parametrize(
    ("act", "finds_bob"),
    [
        (go_private, True),
        (block, False),
        (be_blocked, False),
        (be_suspended, False),
        (go, False),
        (hide, True),
        (delete, True),
    ],
)
def test_what_may_not_be_seen_any_more_leaves_no_trace(
    alice: User,
    bob: User,
    photo: Photo,
    act: Callable[[User, User, Photo], None],
    finds_bob: bool,
) -> None:
    assert found_by(alice) == EVERYTHING
    act(bob, alice, photo)
    names = ["bob"] if finds_bob else []
    assert found_by(alice) == (names, [], [], names, [])


def test_what_may_be_seen_again_is_found_again(alice: User, bob: User, photo: Photo) -> None:
    follows.set_privacy(user=bob, private=True)
    make_follow(alice, bob)
    assert found_by(alice) == EVERYTHING
    assert captions("night") == tags("night") == []
    suspend(user=bob)
    restore(user=bob)
    hide_photo(photo=photo)
    show_photo(photo=photo)
    assert found_by(alice) == EVERYTHING
    assert found_by(bob) == EVERYTHING


def test_limited_people_are_found_by_name_and_by_their_followers(
    alice: User, bob: User, photo: Photo
) -> None:
    User.objects.filter(pk=bob.pk).update(is_limited=True)
    assert (people("bo", alice), people("bo"), suggested("bo", alice)) == ([], [], [])
    assert people("bob", alice) == people("@BOB") == ["bob"]
    assert (captions("night", alice), tags("night", alice)) == ([], [])
    make_follow(alice, bob)
    assert people("bo", alice) == suggested("bo", alice) == ["bob"]
    assert people("bo", bob) == ["bob"]


def test_muted_people_are_found_by_name_alone_until_the_mute_ends(
    alice: User, bob: User, photo: Photo
) -> None:
    mute(muter=alice, muted=bob)
    assert found_by(alice) == (["bob"], [], [], [], [])
    assert people("bo", alice) == []
    assert found_by(bob) == found_by(NOBODY) == EVERYTHING
    Mute.objects.update(ends_at=timezone.now() - timedelta(hours=1))
    assert found_by(alice) == EVERYTHING


def test_people_behind_blocks_and_private_photos_make_no_page_shorter(alice: User) -> None:
    for number in range(30):
        person = make_user(f"lena{number:02}", private=number % 2 == 0)
        make_photo(person, f"night {number}")
        if number % 3 == 0:
            follows.block(blocker=person, blocked=alice)
    page = search.people_page(search.parse("lena"), alice, None, 20)
    assert len(page.items) == 20
    assert page.next is None
    shown = search.photos_page(search.parse("night"), alice, None, 10)
    assert len(shown.items) == 10
    assert shown.next is None
    assert len(captions("night", NOBODY)) == 15
