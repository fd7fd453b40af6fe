"""Stage 5 with the edge while something fails: no answer of it is wrong, and none is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import sleep

import httpx
import pytest
from redis import Redis

from infra.cluster import Cluster
from tests.infra.stages.clients import App, until
from tests.infra.stages.edge.reader import Reader, outcomes
from tests.infra.stages.edge.test_answers import edge as edge  # noqa: PLC0414 - the fixture

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages")]
# Of each fault, in seconds: longer than a lease.
LASTING = 3


class Pair(Thread):
    """Somebody who likes a photo at an instance, and somebody who must see that at once at nginx.

    ``answers`` counts what the reader has got: "right", "wrong", or a status that is not 200.
    """

    def __init__(self, cluster: Cluster, writer: int) -> None:
        super().__init__(daemon=True)
        self.writer = App(cluster, only="web1").log_in(f"user{writer}")
        self.reader = Reader(cluster).log_in(f"user{writer + 1}")
        self.reader.call("PUT", f"users/user{writer}/follow/")
        own = self.writer.call("GET", f"users/user{writer}/photos/").json()["results"]
        self.photo = own[0]["id"]
        self.answers: Counter[str] = Counter()
        self.refused = 0
        self.ending = Event()

    def run(self) -> None:
        number = 0
        while not self.ending.is_set():
            number += 1
            try:
                self.round(number)
            except httpx.HTTPError as error:
                self.answers[type(error).__name__] += 1

    def round(self, number: int) -> None:
        """Change what the reader sees, and let them look at it, three times."""
        words = f"round {number}"
        changed = self.writer.call("PATCH", f"photos/{self.photo}/", json={"caption": words})
        liked = self.writer.call(("DELETE", "PUT")[number % 2], f"photos/{self.photo}/like/")
        if changed.status_code != 200 or liked.status_code != 200:
            # Refused, or done without saying so: nothing is known of the photo now.
            self.refused += 1
            sleep(0.05)
            return
        written = (words, liked.json()["like_count"])
        for path in ("feed/?limit=50", f"photos/{self.photo}/", "feed/?limit=50"):
            answer = self.reader.call("GET", path)
            if answer.status_code != 200:
                self.answers[str(answer.status_code)] += 1
                continue
            shown = answer.json()
            photos = [one for one in shown.get("results", [shown]) if one["id"] == self.photo]
            seen = {(one["caption"], one["like_count"]) for one in photos}
            self.answers["right" if seen == {written} else "wrong"] += 1


@contextmanager
def pairs(cluster: Cluster) -> Iterator[list[Pair]]:
    """Let two pairs write and read for the body of the ``with``, all answers being right before."""
    found = [Pair(cluster, number) for number in (31, 41)]
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


def redis_of(cluster: Cluster) -> Redis:
    """Return a client of the cluster's Redis."""
    return Redis(unix_socket_path=str(cluster.part("redis").socket))


def flushed(cluster: Cluster) -> None:
    for _ in range(10):
        with redis_of(cluster) as redis:
            redis.flushall()
        sleep(0.1)


def killed(cluster: Cluster) -> None:
    cluster.kill("redis")
    sleep(LASTING)
    cluster.start("redis")


def frozen(cluster: Cluster) -> None:
    cluster.pause("redis")
    sleep(LASTING)
    cluster.resume("redis")


def restarted_with_an_old_file(cluster: Cluster) -> None:
    """Let Redis come back at once with all that it held some rounds before."""
    with redis_of(cluster) as redis:
        redis.save()
    file = cluster.layout.configuration / "dump.rdb"
    assert file.stat().st_size > 1000
    sleep(0.5)
    cluster.kill("redis")
    cluster.start("redis")
    with redis_of(cluster) as redis:
        assert redis.dbsize() > 10
    file.unlink()


def frozen_nginx(cluster: Cluster) -> None:
    """Let nginx stand still between its question and its answer for longer than a lease."""
    cluster.pause("nginx")
    sleep(LASTING)
    cluster.resume("nginx")


def killed_instance(cluster: Cluster) -> None:
    cluster.kill("web3")
    sleep(LASTING)
    cluster.start("web3")


FAULTS = (flushed, killed, frozen, restarted_with_an_old_file, frozen_nginx, killed_instance)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_makes_no_answer_wrong_and_none_fail(
    edge: Cluster, fault: Callable[[Cluster], None]
) -> None:
    with Reader(edge) as stranger:
        hits = outcomes(stranger.line)["hit"]
    # So that the edge is known to have answered before the fault.
    with pairs(edge) as watched:
        until(lambda: min(pair.answers["right"] for pair in watched) > 10, 60)
        with Reader(edge) as stranger:
            until(lambda: outcomes(stranger.line)["hit"] > hits, 120)
        fault(edge)
        before = [pair.answers["right"] for pair in watched]
        until(
            lambda: all(
                pair.answers["right"] > right + 10
                for pair, right in zip(watched, before, strict=True)
            ),
            60,
        )
    assert [set(pair.answers) for pair in watched] == [{"right"}, {"right"}]
    assert [pair.refused for pair in watched] == [0, 0]
    with Reader(edge).log_in("user32") as reader:
        reader.warm("feed/")


def test_without_the_primary_answers_are_right_or_declared_missing(edge: Cluster) -> None:
    with pairs(edge) as watched:
        until(lambda: min(pair.answers["right"] for pair in watched) > 10, 60)
        edge.kill("postgres")
        with Reader(edge) as stranger:
            # As today: what needs the primary says when to come again.
            until(lambda: stranger.send("GET", "/api/v1/instance/").status_code in {200, 503})
        sleep(LASTING)
        edge.start("postgres")
        before = [pair.answers["right"] for pair in watched]
        until(
            lambda: all(
                pair.answers["right"] > right + 10
                for pair, right in zip(watched, before, strict=True)
            ),
            60,
        )
    for pair in watched:
        assert set(pair.answers) <= {"right", "503"}, pair.answers
    with Reader(edge).log_in("user32") as reader:
        reader.warm("feed/")
