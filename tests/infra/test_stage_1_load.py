"""A hundred people at once on one process and SQLite: nothing fails, nothing is lost."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier
from typing import Any

import orjson
import pytest
from django.db import connection

from infra.cluster.static_files import collect_for
from infra.lab.bench.server import Server, environment, serving
from infra.project import free_port, manage

PEOPLE = 100
PASSWORD = "quite-a-long-password-7"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="this site is on SQLite"),
]
assert connection  # the mark above reads it


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return where the server logs."""
    return tmp_path / "server.log"


@pytest.fixture
def site(tmp_path: Path, log: Path) -> Iterator[Server]:
    """Serve a site that has a few people and photos."""
    env = environment(tmp_path / "data", free_port())
    manage(env, "migrate", "--verbosity", "0")
    collect_for(env)
    sizes = ["--users=20", "--follows=5", "--photos=60", "--likes=0"]
    manage(env, "populate", *sizes, "--verbosity", "0")
    with serving(env, "minigram_site.wsgi:application", "/readyz", log) as server:
        yield server


@dataclass
class Person:
    """A mobile client: one connection, one account, and what the site told it."""

    number: int
    port: int
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    liked: list[str] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)
    token: str = ""

    def __post_init__(self) -> None:
        """Prepare the connection; it opens with the first call."""
        self.line = HTTPConnection("127.0.0.1", self.port, timeout=60)

    def live(self, start: Barrier) -> None:
        """Do the nine things that a new person does, at the same time as everybody else."""
        dice = random.Random(self.number)
        start.wait()
        name = {"username": f"person{self.number}", "password": PASSWORD}
        self.call("register", "POST", "auth/register/", name | {"email": f"{self.number}@a.org"})
        self.token = self.call("log in", "POST", "auth/token/", name)["access"]
        self.call("feed", "GET", "feed/")
        photos = self.call("explore", "GET", "explore/")["results"]
        for photo in dice.sample(photos, 2):
            self.call("like", "PUT", f"photos/{photo['id']}/like/")
            self.liked.append(photo["id"])
        for followee in dice.sample(range(1, 21), 2):
            self.call("follow", "PUT", f"users/user{followee}/follow/")
            self.followed.append(f"user{followee}")
        photo = dice.choice(photos)
        self.call("comment", "POST", f"photos/{photo['id']}/comments/", {"text": "Hello"})
        self.call("feed", "GET", "feed/")

    def followers(self, name: str) -> int:
        """Return how many follow somebody."""
        return int(self.call("profile", "GET", f"users/{name}/")["follower_count"])

    def call(self, what: str, method: str, path: str, body: Any = None) -> Any:
        """Make one call, note its status, return its JSON."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        content = None if body is None else orjson.dumps(body)
        self.line.request(method, f"/api/v1/{path}", content, headers)
        response = self.line.getresponse()
        answer = response.read()
        self.statuses[what, response.status] += 1
        assert response.status < 300, f"{what}: {response.status} {answer[:200]!r}"
        return orjson.loads(answer)


def test_a_hundred_people_at_once_meet_no_lock_and_no_error(site: Server, log: Path) -> None:
    watcher = Person(PEOPLE, site.port)
    watcher.live(Barrier(1))
    before = {f"user{number}": watcher.followers(f"user{number}") for number in range(1, 21)}
    likes_before = Counter(watcher.liked)
    people = [Person(number, site.port) for number in range(PEOPLE)]
    start = Barrier(PEOPLE)
    with ExitStack() as stack, ThreadPoolExecutor(PEOPLE) as pool:
        for person in [watcher, *people]:
            stack.callback(person.line.close)
        list(pool.map(lambda person: person.live(start), people))

        statuses = sum((person.statuses for person in people), Counter[tuple[str, int]]())
        assert sum(statuses.values()) == PEOPLE * 10
        assert "locked" not in log.read_text()
        assert "ERROR" not in log.read_text()
        likes = likes_before + Counter(photo for person in people for photo in person.liked)
        for photo, count in likes.items():
            assert watcher.call("photo", "GET", f"photos/{photo}/")["like_count"] == count
        follows = Counter(name for person in people for name in person.followed)
        for name, count in follows.items():
            assert watcher.followers(name) == before[name] + count
