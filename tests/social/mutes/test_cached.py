"""With a cache, muting and archiving take effect at the next request, as without one."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from django.utils import timezone

from accounts.models import Mute, User
from photos.hiding import archive_photo, bring_back_photo
from photos.models import Photo
from social import mutes
from tests.factories import make_follow, make_photo, make_user
from tests.redis_server import RedisServer
from tests.social.lean import Site, bearer, sent
from tests.social.test_cache import Watcher

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(cached: RedisServer) -> tuple[User, User]:
    """Return alice, and bob who follows her."""
    alice, bob = make_user("alice"), make_user("bob")
    make_follow(bob, alice)
    return alice, bob


@pytest.fixture
def photo(pair: tuple[User, User]) -> Photo:
    """Return a photo of alice."""
    return make_photo(pair[0], "first")


def test_a_mute_and_its_end(pair: tuple[User, User], photo: Photo) -> None:
    alice, bob = pair
    watcher = Watcher(bob)
    watcher.see(alice, photo)
    mutes.mute(muter=bob, muted=alice)
    # The page without her is kept as any other.
    assert watcher.feed() == []
    assert mutes_in_profile(watcher, alice) is True
    assert watcher.photo(photo)["caption"] == "first"
    mutes.unmute(muter=bob, muted=alice)
    assert len(watcher.feed()) == 1
    assert watcher.profile(alice)["you_mute"] is False


def mutes_in_profile(watcher: Watcher, person: User) -> object:
    """Return what a profile says of a mute to somebody who has just looked at it."""
    path = f"/api/v1/users/{person.username}/"
    watcher.site.answer(path, **watcher.header)
    return orjson.loads(watcher.site.answer(path, **watcher.header).body)["you_mute"]


def test_a_page_is_kept_until_the_first_mute_ends_and_no_longer(
    pair: tuple[User, User], cached: RedisServer
) -> None:
    alice, bob = pair
    day, soon = (timezone.now() + timedelta(seconds=seconds) for seconds in (86_400, 50))
    for muted, ends_at in ((make_user(), None), (make_user(), day), (alice, soon)):
        mutes.mute(muter=bob, muted=muted, ends_at=ends_at)
    assert Watcher(bob).feed() == []
    (page,) = cached.keys("*:feed:ready:*")
    # Else it is fresh for 54 s at least, and there for 270.
    assert 0 < cached.number("PTTL", page) <= 50_000
    stale_at = cached.number("HGET", page, "s") / 1000
    assert stale_at <= soon.timestamp() + 1


def test_a_page_of_who_mutes_for_good_is_kept_as_any_other(
    pair: tuple[User, User], cached: RedisServer
) -> None:
    alice, bob = pair
    mutes.mute(muter=bob, muted=alice)
    assert Watcher(bob).feed() == []
    (page,) = cached.keys("*:feed:ready:*")
    assert cached.number("PTTL", page) > 100_000


def test_a_profile_says_at_once_that_a_mute_has_ended_by_itself(pair: tuple[User, User]) -> None:
    alice, bob = pair
    watcher = Watcher(bob)
    mutes.mute(muter=bob, muted=alice, ends_at=timezone.now() + timedelta(hours=1))
    assert mutes_in_profile(watcher, alice) is True
    Mute.objects.update(ends_at=timezone.now() - timedelta(seconds=2))
    assert mutes_in_profile(watcher, alice) is False


def test_nothing_is_kept_of_an_archived_photo_that_others_could_be_given(
    pair: tuple[User, User], photo: Photo
) -> None:
    alice, bob = pair
    path = f"/api/v1/photos/{photo.pk}/"
    owner, other = ({"HTTP_AUTHORIZATION": bearer(one)} for one in (alice, bob))
    site = Site()
    for header in (owner, other):
        site.answer(path, **header)
    archive_photo(photo=photo)
    for _ in range(2):
        assert b'"archived":true' in site.answer(path, **owner).body
        assert site.answer(path, **other).status.startswith("404")
    bring_back_photo(photo=photo)
    site.answer(path, **other)
    with sent() as queries:
        assert b'"archived":false' in site.ask(path, **other).body
    assert queries == []
