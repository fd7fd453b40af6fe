"""With a cache, muting and archiving take effect at the next request, as without one."""

from __future__ import annotations

import pytest

from accounts.models import User
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
    assert watcher.profile(alice)["you_mute"] is True
    assert watcher.photo(photo)["caption"] == "first"
    mutes.unmute(muter=bob, muted=alice)
    assert len(watcher.feed()) == 1
    assert watcher.profile(alice)["you_mute"] is False


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
