"""What is cached shows every change at once, to everybody, and no query is needed meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import orjson
import pytest
from django.db import connection
from django.utils import timezone

import accounts.services
import photos.services
from accounts.models import User
from minigram_site.cache import near_cache
from minigram_site.db import router
from minigram_site.redis import client
from photos import hiding
from photos.models import Photo, Removal
from social import follows, profiles
from tests.factories import make_follow, make_photo, make_user
from tests.redis_server import RedisServer
from tests.social.lean import FEED, Site, bearer, sent

Read = Callable[[], Any]


class Watcher:
    """Reads as somebody until the answer comes from the cache, and compares it with Django's."""

    def __init__(self, user: User) -> None:
        self.site, self.header = Site(), {"HTTP_AUTHORIZATION": bearer(user)}

    def read(self, path: str) -> Any:
        first = self.site.answer(path, **self.header)
        with sent() as queries:
            second = self.site.ask(path, **self.header)
        assert second == first == self.site.ordinary(path, **self.header)
        if second.status == "200 OK":
            assert (queries, self.site.asked) == ([], 0)
        return orjson.loads(second.body)

    def feed(self) -> list[Any]:
        return list(self.read("/api/v1/feed/")["results"])

    def photo(self, photo: Photo) -> Any:
        return self.read(f"/api/v1/photos/{photo.pk}/")

    def profile(self, user: User) -> Any:
        return self.read(f"/api/v1/users/{user.username}/")

    def see(self, user: User, photo: Photo) -> None:
        """Have all of it in the cache."""
        assert all([self.feed(), self.photo(photo), self.profile(user)])


@pytest.fixture
def people(cached: RedisServer) -> tuple[User, User]:
    """Return bob, and alice whom he follows."""
    alice, bob = make_user("alice"), make_user("bob")
    make_follow(bob, alice)
    return alice, bob


@pytest.fixture
def bob(people: tuple[User, User]) -> Watcher:
    return Watcher(people[1])


@pytest.fixture
def alice(people: tuple[User, User]) -> User:
    return people[0]


@pytest.fixture
def photo(alice: User) -> Photo:
    return make_photo(alice, "first")


def test_a_new_photo(bob: Watcher, alice: User) -> None:
    assert bob.feed() == []
    assert bob.profile(alice)["photo_count"] == 0
    make_photo(alice, "new")
    assert [card["caption"] for card in bob.feed()] == ["new"]
    assert bob.profile(alice)["photo_count"] == 1


def test_a_like_and_its_taking_back(bob: Watcher, photo: Photo) -> None:
    carol = make_user("carol")
    for act, count in ((photos.services.like, 1), (photos.services.unlike, 0)):
        act(user=carol, photo_id=photo.pk)
        assert bob.feed()[0]["like_count"] == bob.photo(photo)["like_count"] == count


def test_the_own_like(bob: Watcher, people: tuple[User, User], photo: Photo) -> None:
    assert not bob.feed()[0]["liked"]
    photos.services.like(user=people[1], photo_id=photo.pk)
    assert bob.feed()[0]["liked"]
    assert bob.photo(photo)["liked"]


def test_a_comment_and_its_deletion(bob: Watcher, alice: User, photo: Photo) -> None:
    assert bob.feed()[0]["comment_count"] == 0
    comment = photos.services.comment(author=alice, photo_id=photo.pk, text="Hello")
    assert bob.feed()[0]["comment_count"] == bob.photo(photo)["comment_count"] == 1
    photos.services.delete_comment(comment=comment)
    assert bob.feed()[0]["comment_count"] == bob.photo(photo)["comment_count"] == 0


def test_other_words(bob: Watcher, photo: Photo) -> None:
    assert bob.feed()[0]["caption"] == bob.photo(photo)["caption"] == "first"
    photos.services.edit_photo(photo=photo, caption="second")
    assert bob.feed()[0]["caption"] == bob.photo(photo)["caption"] == "second"


def test_a_deleted_photo(bob: Watcher, photo: Photo) -> None:
    assert all([bob.feed(), bob.photo(photo)])
    photos.services.delete_photo(photo=photo)
    assert bob.feed() == []
    assert bob.photo(photo)["code"] == "not_found"


AWAY = [
    (hiding.hide_photo, hiding.show_photo),
    (hiding.archive_photo, hiding.bring_back_photo),
    (
        partial(hiding.hide_photo, by=Removal.By.AUTHOR, purge_at=timezone.now()),
        partial(hiding.show_photo, by=Removal.By.AUTHOR),
    ),
]


@pytest.mark.parametrize(("away", "back"), AWAY)
def test_a_photo_out_of_sight_and_its_return(
    bob: Watcher, alice: User, photo: Photo, away: Any, back: Any
) -> None:
    bob.see(alice, photo)
    away(photo=photo)
    assert bob.feed() == []
    assert (bob.photo(photo)["code"], bob.profile(alice)["photo_count"]) == ("not_found", 0)
    back(photo=photo)
    assert len(bob.feed()) == bob.profile(alice)["photo_count"] == 1
    assert bob.photo(photo)["caption"] == "first"


def test_a_photo_marked_as_sensitive(bob: Watcher, photo: Photo) -> None:
    assert bob.feed()[0]["sensitive"] is bob.photo(photo)["sensitive"] is False
    hiding.mark_sensitive(photo=photo, sensitive=True)
    assert bob.feed()[0]["sensitive"] is bob.photo(photo)["sensitive"] is True


def test_a_follow_and_its_end(bob: Watcher, people: tuple[User, User], photo: Photo) -> None:
    alice, follower = people
    assert bob.profile(alice)["you_follow"]
    follows.unfollow(follower=follower, followee=alice)
    assert bob.feed() == []
    assert not bob.profile(alice)["you_follow"]
    follows.follow(follower=follower, followee=alice)
    assert len(bob.feed()) == bob.profile(alice)["follower_count"] == 1


def test_a_block_and_its_end(bob: Watcher, people: tuple[User, User], photo: Photo) -> None:
    alice, blocked = people
    bob.see(alice, photo)
    follows.block(blocker=alice, blocked=blocked)
    assert bob.feed() == []
    assert bob.photo(photo)["status"] == bob.profile(alice)["status"] == 404
    follows.unblock(blocker=alice, blocked=blocked)
    assert bob.photo(photo)["caption"] == "first"
    assert not bob.profile(alice)["you_follow"]


def test_an_account_that_goes_private(alice: User, photo: Photo) -> None:
    carol = Watcher(make_user("carol"))
    assert carol.photo(photo)["caption"] == "first"
    follows.set_privacy(user=alice, private=True)
    assert carol.photo(photo)["status"] == 404
    assert carol.profile(alice)["is_private"]
    follows.set_privacy(user=alice, private=False)
    assert carol.photo(photo)["caption"] == "first"


def test_a_suspension_and_its_end(bob: Watcher, alice: User, photo: Photo) -> None:
    bob.see(alice, photo)
    accounts.services.suspend(user=alice)
    assert bob.feed() == []
    assert bob.photo(photo)["status"] == bob.profile(alice)["status"] == 404
    accounts.services.restore(user=alice)
    assert bob.feed()[0]["caption"] == bob.photo(photo)["caption"] == "first"


def test_another_name(bob: Watcher, alice: User, photo: Photo) -> None:
    assert bob.feed()[0]["author"]["display_name"] == ""
    profiles.edit_profile(user=alice, display_name="Alice")
    shown = [bob.feed()[0]["author"], bob.photo(photo)["author"], bob.profile(alice)]
    assert [person["display_name"] for person in shown] == ["Alice"] * 3


def test_a_changed_password_ends_a_token_at_once(bob: Watcher, people: tuple[User, User]) -> None:
    assert bob.feed() == []
    accounts.services.change_password(user=people[1], password="another-horse-8")
    assert bob.site.ask(FEED, **bob.header).status.startswith("401")


def test_a_deleted_account(bob: Watcher, alice: User, photo: Photo) -> None:
    bob.see(alice, photo)
    profiles.delete_account(user=alice)
    assert bob.feed() == []
    assert bob.photo(photo)["status"] == bob.profile(alice)["status"] == 404


@pytest.mark.parametrize("region", ["feed:ready", "photo"])
def test_the_lean_path_rebuilds_what_is_stale(
    cached: RedisServer, people: tuple[User, User], photo: Photo, region: str
) -> None:
    site, header = Site(), {"HTTP_AUTHORIZATION": bearer(people[1])}
    address = f"/api/v1/photos/{photo.pk}/" if region == "photo" else FEED
    site.answer(address, **header)
    site.ask(address, **header)
    (entry,) = cached.keys(f"mg:*:{region}:*")
    cached.ask("HSET", entry, "s", "0")
    near_cache.clear()
    site.ask(address, **header)
    assert site.asked == 0
    assert cached.number("HGET", entry, "s") > 0


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Collect, for each round trip to Redis, how many commands it was sent."""
    seen: list[int] = []
    send = client._send

    def counted(commands: Sequence[client.Command], *, wait: bool = True) -> list[Any]:
        if wait and threading.current_thread() is threading.main_thread():
            seen.append(len(commands))
        return send(commands, wait=wait)

    monkeypatch.setattr(client, "_send", counted)
    return seen


def test_a_page_that_is_not_cached_costs_one_query_and_two_waits_for_redis(
    cached: RedisServer, people: tuple[User, User], photo: Photo, waits: list[int]
) -> None:
    site, header = Site(), {"HTTP_AUTHORIZATION": bearer(people[1])}
    site.answer(FEED, **header)
    site.ask(FEED, **header)
    make_photo(people[0], "new")
    del waits[:]
    with sent() as queries:
        page = site.ask(FEED, **header)
    assert site.asked == 0
    assert page.body.count(b'"caption"') == 2
    if connection.vendor == "postgresql":
        # The page, and the words of the new photo, which this process has not seen.
        assert len(queries) == 2
    # The copy is no longer true; then, together: the entry, which is not either, the time, the
    # account with the last change, and the lock.
    assert waits == [1, 4]
    # Fetched and compared; from then on compared alone.
    for expected in ([4, 1], [1]):
        del waits[:]
        with sent() as queries:
            assert site.ask(FEED, **header).body == page.body
        assert (len(queries), waits) == (0, expected)


def test_a_miss_requires_what_is_acknowledged_and_not_in_redis_yet(
    cached: RedisServer, bob: Watcher, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: set[str] = set()
    monkeypatch.setattr(router, "require_changes_of", names.update)
    for path, name in (
        (FEED, f"n:{photo.pk}"),
        (f"/api/v1/photos/{photo.pk}/", f"n:{photo.pk}"),
        ("/api/v1/users/alice/", f"m:{photo.author_id}"),
    ):
        bob.read(path)
        cached.ask("DEL", *cached.keys("mg:*:[nm]:*"), *cached.keys("mg:*:feed:ready:*"))
        names.clear()
        bob.site.ask(path, **bob.header)
        assert (bob.site.asked, name in names) == (0, True), path


def test_a_photo_without_its_counts_costs_one_query_and_one_wait(
    people: tuple[User, User], photo: Photo, waits: list[int]
) -> None:
    site, header = Site(), {"HTTP_AUTHORIZATION": bearer(people[1])}
    address = f"/api/v1/photos/{photo.pk}/"
    site.answer(address, **header)
    site.ask(address, **header)
    photos.services.like(user=people[0], photo_id=photo.pk)
    del waits[:]
    with sent() as queries:
        answer = site.ask(address, **header)
    assert site.asked == 0
    assert b'"like_count":1,' in answer.body
    assert (len(queries), waits) == (1, [1])
    assert site.ask(address, **header).body == answer.body == site.ordinary(address, **header).body


def test_a_private_photo_is_read_for_each_viewer(people: tuple[User, User], photo: Photo) -> None:
    follows.set_privacy(user=people[0], private=True)
    site, header = Site(), {"HTTP_AUTHORIZATION": bearer(people[1])}
    address = f"/api/v1/photos/{photo.pk}/"
    site.answer(address, **header)
    site.ask(address, **header)
    with sent() as queries:
        answer = site.ask(address, **header)
    assert (site.asked, len(queries)) == (0, 1)
    assert answer.body == site.ordinary(address, **header).body
    follows.unfollow(follower=people[1], followee=people[0])
    assert site.ask(address, **header).status.startswith("404")


@pytest.mark.usefixtures("photo")
def test_a_like_on_a_cached_page_costs_one_query(people: tuple[User, User], photo: Photo) -> None:
    site, header = Site(), {"HTTP_AUTHORIZATION": bearer(people[1])}
    site.answer(FEED, **header)
    site.ask(FEED, **header)
    photos.services.like(user=people[1], photo_id=photo.pk)
    with sent() as queries:
        answer = site.ask(FEED, **header)
    assert site.asked == 0
    assert b'"like_count":1,"comment_count":0,"liked":true' in answer.body
    if connection.vendor == "postgresql":
        assert len(queries) == 1
    assert site.ask(FEED, **header).body == answer.body == site.ordinary(FEED, **header).body


def test_a_refused_token_leaves_no_client_waiting(
    cached: RedisServer, people: tuple[User, User]
) -> None:
    """The stampede lock of the page that the refused request would have built is free."""
    site, old = Site(), {"HTTP_AUTHORIZATION": bearer(people[1])}
    site.answer(FEED, **old)
    accounts.services.change_password(user=people[1], password="another-one-7")
    people[1].refresh_from_db()
    new = {"HTTP_AUTHORIZATION": bearer(people[1])}
    site.answer(FEED, **new)
    cached.ask("DEL", *cached.keys("mg:*:feed:ready:*"))
    assert site.ask(FEED, **old).status.startswith("401")
    assert cached.keys("lock:*") == []
