"""Stage 5 with real servers: Redis answers most reads, and no fault of it makes an answer wrong."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import sleep
from typing import Any
from urllib.parse import urlsplit

import pytest
from redis import Redis
from redis.exceptions import NoPermissionError

from infra.cluster import Cluster
from minigram_site.cache.near_cache import COPY_SECONDS
from tests.infra.crowd import Crowd
from tests.infra.load import Load
from tests.infra.stages.clients import INSTANCES, App, Browser, until
from tests.infra.stages.conftest import PASSWORD

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages")]
FEED = "/api/v1/feed/"
# Of each of eight people, several requests each: enough that what was new weighs little.
ROUNDS = 60


class Pair(threading.Thread):
    """Somebody who writes at one instance, and somebody who must see it at once at another."""

    def __init__(self, cluster: Cluster, writer: int, reader: int) -> None:
        super().__init__(daemon=True)
        self.writer = App(cluster, only="web1").log_in(f"user{writer}")
        self.reader = App(cluster, only="web2").log_in(f"user{reader}")
        own = self.writer.call("GET", f"users/user{writer}/photos/").json()["results"]
        # The load likes the newest photos of all; counts are checked of one that it leaves alone.
        newest = self.writer.call("GET", "explore/?limit=50").json()["results"]
        liked = {photo["id"] for photo in newest}
        self.photo = own[0]["id"]
        self.quiet = next(one["id"] for one in reversed(own) if one["id"] not in liked)
        self.reader.call("PUT", f"users/user{writer}/follow/")
        self.wrong: list[str] = []
        self.rounds = 0
        self.ending = threading.Event()

    def run(self) -> None:
        while not self.ending.is_set():
            self.rounds += 1
            words = f"round {self.rounds}"
            self.write("PATCH", f"photos/{self.photo}/", json={"caption": words})
            likes = self.write(("DELETE", "PUT")[self.rounds % 2], f"photos/{self.quiet}/like/")
            self.check(likes["like_count"], self.read(f"photos/{self.quiet}/")["like_count"])
            self.check(words, self.read(f"photos/{self.photo}/")["caption"])
            page = self.read("feed/?limit=50")["results"]
            for shown in [one for one in page if one["id"] == self.photo]:
                self.check(words, shown["caption"])

    def write(self, method: str, path: str, **body: Any) -> Any:
        answer = self.writer.call(method, path, **body)
        if answer.status_code != 200:
            self.wrong.append(f"{method} {answer.status_code}")
        return answer.json()

    def read(self, path: str) -> Any:
        answer = self.reader.call("GET", path)
        if answer.status_code != 200:
            self.wrong.append(f"GET {answer.status_code}")
        return answer.json()

    def check(self, written: Any, shown: Any) -> None:
        if shown != written:
            self.wrong.append(f"round {self.rounds}: {shown!r} instead of {written!r}")


@contextmanager
def pairs(cluster: Cluster) -> Iterator[list[Pair]]:
    """Let three pairs write and read for the body of the ``with``."""
    found = [Pair(cluster, number, number + 1) for number in (21, 31, 41)]
    for pair in found:
        pair.start()
    try:
        yield found
    finally:
        for pair in found:
            pair.ending.set()
        for pair in found:
            pair.join(60)
            pair.writer.__exit__()
            pair.reader.__exit__()


def tell_redis(cluster: Cluster, *command: str) -> None:
    with Redis(unix_socket_path=str(cluster.part("redis").socket)) as client:
        client.execute_command(*command)


def looks(cluster: Cluster) -> dict[str, Counter[str]]:
    """Return how many looks into the cache had which outcome, by kind."""
    table = json.loads(cluster.manage("counters", "--json"))["cache"]
    return {kind: Counter(row) for kind, row in table.items()}


def is_used(cluster: Cluster) -> bool:
    """Tell whether all instances answer from Redis."""
    before = looks(cluster).get("feed", Counter())["hit"]
    for name in ("web1", "web2", "web3"):
        with App(cluster, only=name).log_in("user50") as client:
            for _ in range(3):
                client.call("GET", "feed/")
    return looks(cluster).get("feed", Counter())["hit"] >= before + 5


@pytest.fixture(autouse=True)
def used_redis(stage5: Cluster) -> None:
    """Begin with a Redis that all instances use."""
    until(lambda: is_used(stage5), 120)


def flushed(cluster: Cluster) -> None:
    for _ in range(10):
        tell_redis(cluster, "FLUSHALL")
        sleep(0.1)


def killed(cluster: Cluster) -> None:
    cluster.kill("redis")
    sleep(3)
    cluster.start("redis")


def paused(cluster: Cluster) -> None:
    cluster.pause("redis")
    sleep(3)
    cluster.resume("redis")


def full(cluster: Cluster) -> None:
    tell_redis(cluster, "CONFIG", "SET", "maxmemory-policy", "noeviction")
    tell_redis(cluster, "CONFIG", "SET", "maxmemory", "1")
    sleep(3)
    tell_redis(cluster, "CONFIG", "SET", "maxmemory", "100mb")
    tell_redis(cluster, "CONFIG", "SET", "maxmemory-policy", "allkeys-lru")


def slow(cluster: Cluster) -> None:
    """Let it answer, only late: it stands still four fifths of the time."""
    pid = cluster.part("redis").pid
    for _ in range(30):
        os.kill(pid, signal.SIGSTOP)
        sleep(0.08)
        os.kill(pid, signal.SIGCONT)
        sleep(0.02)


def refusing_reads(cluster: Cluster) -> None:
    """Let it answer every read with an error, while it takes writes and seems well."""
    tell_redis(cluster, "ACL", "SETUSER", "default", "-@read")
    with pytest.raises(NoPermissionError):
        tell_redis(cluster, "GET", "anything")
    sleep(3)
    tell_redis(cluster, "ACL", "SETUSER", "default", "+@all")


def refusing_everything(cluster: Cluster) -> None:
    tell_redis(cluster, "ACL", "SETUSER", "default", "-@all", "+acl")
    sleep(3)
    tell_redis(cluster, "ACL", "SETUSER", "default", "+@all")


FAULTS = (flushed, killed, paused, full, slow, refusing_reads, refusing_everything)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_redis_under_load_costs_time_only(
    stage5: Cluster, fault: Callable[[Cluster], None]
) -> None:
    with Load(stage5.url, PASSWORD, clients=4) as load, pairs(stage5) as watched:
        sleep(1)
        fault(stage5)
        sleep(2)
        # However slow the machine is.
        until(lambda: min(pair.rounds for pair in watched) > 3, 60)
    assert [pair.wrong for pair in watched] == [[], [], []]
    load.verdict().assert_flawless()
    until(lambda: is_used(stage5), 30)


def test_a_thousand_clients_on_one_expired_page_cause_one_rebuild(stage5: Cluster) -> None:
    with App(stage5).log_in("user51") as client:
        entry, expected = kept_page_of(stage5, client)
        before = looks(stage5)["feed"]
        tell_redis(stage5, "HSET", entry, "s", "0")
        answers = crowd_asks(stage5, client)
        after = looks(stage5)["feed"] - before
        assert answers == Counter({(200, expected): 1000})
        assert after["rebuild"] == after["miss"] == 1, after


def test_a_thousand_clients_on_one_missing_page_cause_one_rebuild(stage5: Cluster) -> None:
    with App(stage5).log_in("user51") as client:
        entry, expected = kept_page_of(stage5, client)
        before = looks(stage5)["feed"]
        tell_redis(stage5, "DEL", entry)
        answers = crowd_asks(stage5, client)
        after = looks(stage5)["feed"] - before
        assert answers == Counter({(200, expected): 1000})
        assert after["rebuild"] == 1, after
        assert after["wait"] == after["miss"] - 1 > 0, after
        metrics = client.send("GET", "/metrics").text
    for outcome in ("hit", "miss", "rebuild", "wait"):
        assert f'minigram_cache_total{{kind="feed",outcome="{outcome}"}}' in metrics


def crowd_asks(cluster: Cluster, client: App) -> Counter[tuple[int, bytes]]:
    """Let a thousand copies of a client, spread over the instances, ask for the feed at once."""
    sockets = [cluster.part(name).socket for name in INSTANCES]
    host, bearer = urlsplit(cluster.url).netloc, client.headers["Authorization"]
    with Crowd(sockets, host, bearer) as crowd:
        return crowd.ask(FEED)


def kept_page_of(cluster: Cluster, client: App) -> tuple[str, bytes]:
    """Return the key of the only page of a feed that Redis holds, which is fresh, and the answer.

    It is read before whatever follows, and no instance has a copy of it any more.
    """
    tell_redis(cluster, "FLUSHALL")
    until(lambda: is_used(cluster), 30)
    answers = {client.call("GET", "feed/").content for _ in range(3)}
    assert len(answers) == 1, answers
    user = client.call("GET", "me/").json()["id"]
    with Redis(unix_socket_path=str(cluster.part("redis").socket)) as redis:
        keys = redis.keys(f"mg:*:feed:ready:{user}:*")
    assert len(keys) == 1, keys
    # Until no instance uses a copy of its own any more.
    sleep(COPY_SECONDS)
    return str(keys[0].decode()), answers.pop()


def test_a_browsers_session_outlives_redis(stage5: Cluster) -> None:
    with Browser(stage5).log_in("user5") as browser:
        assert browser.is_logged_in()
        stage5.kill("redis")
        assert browser.is_logged_in()
        stage5.start("redis")
        assert browser.post("/settings/", "/logout/").status_code == 302
        assert not browser.is_logged_in()


def test_most_of_the_seeds_mix_is_answered_from_the_cache(stage5: Cluster) -> None:
    before = looks(stage5)
    people = [threading.Thread(target=live, args=[stage5, number]) for number in range(1, 9)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    rates = hit_rates(before, looks(stage5))
    assert rates["account"] >= 0.95, rates
    assert rates["photo"] >= 0.80, rates
    assert rates["feed"] >= 0.70, rates


def live(cluster: Cluster, number: int) -> None:
    """Act as people of the original plan: mostly read, now and then like, comment or follow."""
    dice = random.Random(number)
    with App(cluster).log_in(f"user{number}") as client:
        # As many on a busy machine: what nobody has read yet is missed once, however long it takes.
        for _ in range(ROUNDS):
            page = client.call("GET", "feed/").json()
            shown = [photo["id"] for photo in page["results"]]
            if page["next"] and dice.random() < 0.5:
                shown += read_next(client, page["next"])
            for _ in range(3):
                # The first of a page are looked at most.
                photo = shown[int(len(shown) * dice.random() ** 3)]
                client.call("GET", f"photos/{photo}/")
            if dice.random() < 0.3:
                client.call("PUT", f"photos/{photo}/like/")
            if dice.random() < 0.1:
                client.call("POST", f"photos/{photo}/comments/", json={"text": "Oh"})
            if dice.random() < 0.05:
                client.call("PUT", f"users/user{dice.randint(1, 60)}/follow/")


def read_next(client: App, address: str) -> list[str]:
    path = address.partition("/api/v1/")[2]
    return [photo["id"] for photo in client.call("GET", path).json()["results"]]


def hit_rates(before: dict[str, Counter[str]], after: dict[str, Counter[str]]) -> dict[str, float]:
    """Return for each kind the share of looks that found something to answer with."""
    rates = {}
    for kind, outcomes in after.items():
        fresh = outcomes - before.get(kind, Counter())
        good = fresh["hit"] + fresh["stale"]
        rates[kind] = good / max(1, good + fresh["miss"])
    return rates
