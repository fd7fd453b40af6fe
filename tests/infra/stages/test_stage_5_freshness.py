"""Stage 5 where reads could be stale: without Redis and late replicas, and a primary that returns.

The cache tells readers how far a replica must be; without it the table of LSNs does.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from time import sleep
from typing import Any

import pytest
from redis import Redis

from infra.cluster import Cluster
from tests.infra.stages.clients import App, replay_paused, until
from tests.infra.stages.test_stage_5 import is_used

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages")]

# In seconds: around the five after which processes take a primary for lost.
FREEZES = [tenths / 10 for tenths in range(45, 66, 3)]


@pytest.fixture
def apps(stage5: Cluster) -> Iterator[list[App]]:
    """Return an author at one instance, a follower there too, and another follower elsewhere.

    Redis is used, and both follow the author.
    """
    until(lambda: is_used(stage5), 120)
    with ExitStack() as stack:
        people = (("user21", "web1"), ("user22", "web1"), ("user23", "web2"))
        found = [
            stack.enter_context(App(stage5, only=instance).log_in(name))
            for name, instance in people
        ]
        for follower in found[1:]:
            follower.call("PUT", "users/user21/follow/")
        yield found


def photo_of(author: App) -> str:
    """Return the address of the author's newest photo."""
    return f"photos/{author.call('GET', 'users/user21/photos/').json()['results'][0]['id']}/"


def likes_seen(apps: list[App], rounds: int = 4) -> list[tuple[int, set[int]]]:
    """Like and unlike a photo; return the count acknowledged, and those seen at another instance.

    Those are of the photo itself and of the feed.
    """
    author, liker, reader = apps
    photo = photo_of(author)
    found = []
    for number in range(rounds):
        answer = liker.call(("PUT", "DELETE")[number % 2], f"{photo}like/")
        shown = reader.call("GET", photo).json()
        page = reader.call("GET", "feed/?limit=50").json()["results"]
        seen = {one["like_count"] for one in [shown, *page] if one["id"] == shown["id"]}
        found.append((answer.json()["like_count"], seen))
    return found


def test_without_redis_nobody_sees_older_counts_than_were_acknowledged(
    stage5: Cluster, apps: list[App]
) -> None:
    with Redis(unix_socket_path=str(stage5.part("redis").socket)) as redis, replay_paused(stage5):
        redis.execute_command("ACL", "SETUSER", "default", "-@read")
        try:
            found = likes_seen(apps)
        finally:
            redis.execute_command("ACL", "SETUSER", "default", "+@all")
        # Redis is well again, and not used yet.
        found += likes_seen(apps)
    assert [seen for _, seen in found] == [{written} for written, _ in found]


def test_the_words_of_a_private_photo_which_are_never_cached_are_the_acknowledged_ones(
    stage5: Cluster, apps: list[App]
) -> None:
    author, _, reader = apps
    photo = photo_of(author)
    author.call("PATCH", "me/", json={"is_private": True})
    try:
        reader.call("GET", photo)
        with replay_paused(stage5):
            author.call("PATCH", photo, json={"caption": "new"})
            # That it is not to be cached is known from the first read on.
            shown = [reader.call("GET", photo).json()["caption"] for _ in range(3)]
    finally:
        author.call("PATCH", "me/", json={"is_private": False})
    assert shown == ["new"] * 3


class Pair(threading.Thread):
    """Somebody who writes at one instance and reads at another, and a stranger who reads there."""

    def __init__(self, cluster: Cluster, number: int, writer: str, reader: str) -> None:
        super().__init__(daemon=True)
        name = f"user{number}"
        self.author = App(cluster, only=writer).log_in(name)
        self.elsewhere = App(cluster, only=reader).log_in(name)
        self.stranger = App(cluster, only=reader).log_in(f"user{number + 1}")
        self.stranger.call("DELETE", f"users/{name}/follow/")
        own = self.author.call("GET", f"users/{name}/photos/").json()["results"]
        self.photo = f"photos/{own[0]['id']}/"
        self.wrong: list[str] = []
        self.acknowledged = 0
        self.ending = threading.Event()

    def close(self) -> None:
        """Stop, and close the connections."""
        self.ending.set()
        self.join(60)
        for client in (self.author, self.elsewhere, self.stranger):
            client.__exit__()

    def run(self) -> None:
        rounds = 0
        while not self.ending.is_set():
            rounds += 1
            if self.write("me/", is_private=bool(rounds % 2)):
                status = self.stranger.call("GET", self.photo).status_code
                self.check((200, 404)[rounds % 2], status)
            if self.write(self.photo, caption=f"round {rounds}"):
                answer = self.elsewhere.call("GET", self.photo)
                shown = answer.json().get("caption") if answer.status_code == 200 else 0
                self.check(f"round {rounds}", shown or answer.status_code)

    def write(self, path: str, **fields: Any) -> bool:
        """Return whether the write was acknowledged: the primary may be frozen."""
        written = self.author.call("PATCH", path, json=fields).status_code == 200
        self.acknowledged += written
        return written

    def check(self, right: object, shown: object) -> None:
        """Note what is stale; a read that fails is not."""
        if shown not in {right, 503}:
            self.wrong.append(f"{shown!r} instead of {right!r}")


@pytest.mark.timeout(900)
def test_a_primary_that_was_frozen_makes_no_read_stale(stage5: Cluster) -> None:
    """Each process meets it again at another moment: one may write while others think it down."""
    instances = [("web1", "web2"), ("web2", "web3"), ("web3", "web1")]
    pairs = [Pair(stage5, 31 + 2 * place, *pair) for place, pair in enumerate(instances)]
    for pair in pairs:
        pair.start()
    for seconds in FREEZES:
        sleep(2)
        stage5.pause("postgres")
        sleep(seconds)
        stage5.resume("postgres")
    sleep(2)
    for pair in pairs:
        pair.close()
    assert [pair.wrong for pair in pairs] == [[], [], []]
    assert min(pair.acknowledged for pair in pairs) > len(FREEZES)
