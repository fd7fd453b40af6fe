"""Which pages of a feed are stored in Redis, for how long, and what a hit looks up there."""

from __future__ import annotations

from typing import Any

import pytest

import photos.services
from accounts.models import User
from minigram_site.redis import client
from tests.factories import make_follow, make_photo
from tests.redis_server import RedisServer
from tests.social.lean import FEED, Site, bearer, sent

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_page_below_the_first_is_stored_when_it_is_asked_for_again(
    cached: RedisServer, alice: User
) -> None:
    photo = make_photo(alice)
    site, header = Site(), {"HTTP_AUTHORIZATION": bearer(alice)}
    site.answer(FEED, **header)
    address = f"{FEED}?cursor=n{photo.pk + 1}"
    stored = []
    for _ in range(3):
        with sent() as queries:
            page = site.ask(address, **header)
        assert (site.asked, page.body.count(b'"caption"')) == (0, 1)
        keys = cached.keys(f"mg:*:feed:ready:*:n{photo.pk + 1}:*")
        stored.append((len(keys), bool(queries)))
    assert stored == [(0, True), (1, True), (1, False)]
    assert page == site.ordinary(address, **header)


@pytest.mark.usefixtures("cached")
def test_a_hit_looks_up_one_key_for_each_photo_and_each_author(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_follow(alice, bob)
    for author in (alice, bob, bob):
        make_photo(author)
    site, header = Site(), {"HTTP_AUTHORIZATION": bearer(alice)}
    site.answer(FEED, **header)
    site.ask(FEED, **header)
    commands: list[bytes] = []

    def note(command: bytes) -> Any:
        commands.append(command)
        return client.call(*command.split(b"\r\n")[2::2])

    monkeypatch.setattr(client, "call_packed", note)
    assert site.ask(FEED, **header).body.count(b'"caption"') == 3
    (command,) = commands
    keys = [key.partition(b":")[2].partition(b":")[2] for key in command.split(b"\r\n")[4::2]]
    # Of the account: itself and the log-in. Of the feed: what belongs to it, blocks, likes.
    # What followed tags bring is a dependency of everybody where SQLite is asked.
    kinds = sorted(key.partition(b":")[0] for key in keys if key and key != b"published")
    account, feed = [b"j", b"u"], [b"b", b"f", b"l", b"restored"]
    assert kinds == sorted([*account, *feed, b"s", b"s", b"n", b"n", b"n", b"last-change"])


def test_a_like_ends_the_pages_of_who_likes_and_no_others(
    cached: RedisServer, alice: User, bob: User
) -> None:
    make_follow(bob, alice)
    photo = make_photo(alice)
    site, pages = Site(), {}
    for person in (alice, bob):
        header = {"HTTP_AUTHORIZATION": bearer(person)}
        site.answer(FEED, **header)
        site.ask(FEED, **header)
        (page,) = cached.keys(f"mg:*:feed:ready:{person.pk}:*")
        pages[person.pk] = header, page, cached.ask("HGET", page, "t")
    photos.services.like(user=bob, photo_id=photo.pk)
    for person in (alice, bob):
        header, page, tokens = pages[person.pk]
        answer = site.ask(FEED, **header)
        assert b'"like_count":1,' in answer.body
        assert answer == site.ordinary(FEED, **header)
        assert (cached.ask("HGET", page, "t") == tokens) is (person == alice)
