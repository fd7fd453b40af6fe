"""A small load for fault tests: people who read and write, count what fails, and remember.

    with Load(cluster.url, PASSWORD) as load:
        cluster.restart("web1")
    load.verdict().assert_flawless()

Each client is a thread with a connection and an account of its own (``user1``, ``user2``, … of
``manage.py populate``). It reads feeds, photos, profiles and pages, likes and comments, and checks
each answer. What was acknowledged must be there at the end, once: ``missing``. What a person wrote
and does not see at the next request is counted as ``stale``.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import orjson

from tests.factories import picture
from tests.infra.verdict import Verdict

READS = ("feed", "photo", "profile", "page")
WRITES = ("like", "comment")


@dataclass(frozen=True)
class Failure:
    """A request that did not get the right answer."""

    at: float  # seconds, time.monotonic()
    what: str
    cause: str  # a status, or the name of an exception, or "wrong answer"


@dataclass
class Person:
    """One client: its connection, its account, and what was acknowledged to it."""

    name: str
    url: str
    load: Load
    liked: dict[str, bool] = field(default_factory=dict)  # photo: whether it likes it
    comments: dict[str, tuple[str, str]] = field(default_factory=dict)  # id: (photo, text)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.name)
        self.numbers = count(1)
        self.headers: dict[str, str] = {}
        self.photos: list[str] = []
        self.line = HTTPConnection(urlsplit(self.url).netloc, timeout=60)

    def arrive(self, password: str) -> None:
        """Log in, and look around for photos to like; must succeed."""
        name = {"username": self.name, "password": password}
        status, tokens = self.call("POST", "/api/v1/auth/token/", name)
        if status != 200:
            raise RuntimeError(f"{self.name} cannot log in: {status} {tokens!r}")
        self.headers["Authorization"] = f"Bearer {tokens['access']}"
        _, page = self.call("GET", "/api/v1/explore/?limit=50")
        self.photos = [photo["id"] for photo in page["results"]]

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Make one call; return status and what the answer holds."""
        headers = dict(self.headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            self.line.request(method, path, None if body is None else orjson.dumps(body), headers)
            response = self.line.getresponse()
            content = response.read()
        except (OSError, HTTPException):
            self.line.close()
            raise
        json = "json" in response.headers.get("Content-Type", "")
        return response.status, orjson.loads(content) if json else content.decode()

    # ------------------------------------------------------------ reads
    def feed(self) -> bool:
        """Read the feed."""
        page = self.ask("feed", "GET", "/api/v1/feed/")
        return page is None or len(page["results"]) > 0

    def photo(self) -> bool:
        """Read a photo."""
        chosen = self.dice.choice(self.photos)
        found = self.ask("photo", "GET", f"/api/v1/photos/{chosen}/")
        return found is None or bool(found["id"] == chosen)

    def profile(self) -> bool:
        """Read the profile of another person."""
        name = f"user{self.dice.randint(1, 20)}"
        found = self.ask("profile", "GET", f"/api/v1/users/{name}/")
        return found is None or bool(found["username"] == name)

    def page(self) -> bool:
        """Read a page as a visitor without an account does."""
        found = self.ask("page", "GET", "/explore/")
        return found is None or "</html>" in found

    # ------------------------------------------------------------ writes
    def like(self) -> bool:
        """Like a photo or take it back, and look whether the photo knows."""
        photo = self.dice.choice(self.photos)
        wanted = not self.liked.pop(photo, False)
        path = f"/api/v1/photos/{photo}/"
        answer = self.ask("like", "PUT" if wanted else "DELETE", f"{path}like/")
        if answer is None:
            return True
        self.liked[photo] = wanted
        seen = self.ask("photo", "GET", path)
        if seen is not None and seen["liked"] != wanted:
            self.load.count_stale("like")
        return bool(answer["liked"] == wanted)

    def comment(self) -> bool:
        """Comment on a photo, and look whether the comment is there."""
        photo, text = self.dice.choice(self.photos), f"{self.load.mark} {next(self.numbers)}"
        path = f"/api/v1/photos/{photo}/comments/"
        answer = self.ask("comment", "POST", path, {"text": text})
        if answer is None:
            return True
        self.comments[answer["id"]] = (photo, text)
        seen = self.ask("comments", "GET", f"{path}?limit=50")
        if seen is not None and answer["id"] not in {each["id"] for each in seen["results"]}:
            self.load.count_stale("comment")
        return bool(answer["text"] == text)

    def ask(self, what: str, method: str, path: str, body: Any = None) -> Any:
        """Make a counted call; return what a good answer holds, ``None`` for a failure."""
        self.load.count_sent(what)
        try:
            status, answer = self.call(method, path, body)
        except (OSError, HTTPException) as error:
            self.load.count_failure(what, type(error).__name__)
            return None
        if status < 300:
            return answer
        self.load.count_failure(what, str(status))
        return None


class Load:
    """People at work from the beginning of a ``with`` to its end."""

    def __init__(
        self, url: str, password: str, *, clients: int = 6, writes: float = 0.3, pause: float = 0.0
    ) -> None:
        """Name the site; ``writes`` is their share, ``pause`` the seconds between two acts."""
        self.mark = f"load {time.time_ns()}"
        self.people = [Person(f"user{number}", url, self) for number in range(1, clients + 1)]
        self.sent: Counter[str] = Counter()
        self.stale: Counter[str] = Counter()
        self.failures: list[Failure] = []
        self._password, self._writes, self._pause = password, writes, pause
        self._lock = threading.Lock()
        self._ending = threading.Event()

    def __enter__(self) -> Self:
        """Log all people in, then start their threads."""
        with ThreadPoolExecutor(len(self.people)) as pool:
            list(pool.map(lambda person: person.arrive(self._password), self.people))
        self._threads = [
            threading.Thread(target=self._live, args=[person], daemon=True)
            for person in self.people
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Let each person finish the current request, and close the connections."""
        self._ending.set()
        for thread in self._threads:
            thread.join(90)
        for person in self.people:
            person.line.close()

    @property
    def failed(self) -> Counter[tuple[str, str]]:
        """How many failed, by what was asked and the cause."""
        return Counter((failure.what, failure.cause) for failure in self.failures)

    @property
    def acknowledged(self) -> int:
        """How many likes and comments are remembered."""
        return sum(len(person.liked) + len(person.comments) for person in self.people)

    def failed_after(self, moment: float) -> list[Failure]:
        """Return what failed later than a moment of ``time.monotonic()``."""
        return [failure for failure in self.failures if failure.at > moment]

    def missing(self) -> list[str]:
        """Return which acknowledged writes are not there, or twice. For after the end."""
        found: list[str] = []
        for person in self.people:
            found += _wrong_likes(person)
        photos = {photo for person in self.people for photo, _ in person.comments.values()}
        there = {photo: _comments(self.people[0], photo) for photo in photos}
        texts = Counter(
            (person, text) for comments in there.values() for person, text in comments.values()
        )
        for person in self.people:
            for identifier, (photo, text) in person.comments.items():
                if identifier not in there[photo]:
                    found.append(f"comment {text!r} of {person.name} is lost")
                elif texts[person.name, text] != 1:
                    found.append(f"comment {text!r} of {person.name} is there twice")
            person.line.close()
        return found

    def verdict(self) -> Verdict:
        """Return how many requests were sent or failed, were stale, and which writes were lost.

        For after the end: reads everything that was acknowledged.
        """
        failures, missing = self.failed, self.missing()
        return Verdict(
            sent=self.sent.total(),
            failed=failures.total(),
            stale=self.stale.total(),
            lost=len(missing),
            failures=failures,
            missing=missing,
        )

    def count_sent(self, what: str) -> None:
        """Note a request."""
        with self._lock:
            self.sent[what] += 1

    def count_stale(self, what: str) -> None:
        """Note that a person did not see their own write."""
        with self._lock:
            self.stale[what] += 1

    def count_failure(self, what: str, cause: str) -> None:
        """Note a request that failed."""
        with self._lock:
            self.failures.append(Failure(time.monotonic(), what, cause))

    def _live(self, person: Person) -> None:
        while not self._ending.wait(self._pause):
            kinds = WRITES if person.dice.random() < self._writes else READS
            what = person.dice.choice(kinds)
            act: Callable[[], bool] = getattr(person, what)
            if not act():
                self.count_failure(what, "wrong answer")


def _wrong_likes(person: Person) -> list[str]:
    wrong = []
    for photo, liked in person.liked.items():
        status, answer = person.call("GET", f"/api/v1/photos/{photo}/")
        if status != 200 or answer["liked"] != liked:
            wrong.append(f"{person.name} should have liked={liked} for {photo}")
    return wrong


def _comments(person: Person, photo: str) -> dict[str, tuple[str, str]]:
    """Return author and text of all comments below a photo by their ids."""
    found: dict[str, tuple[str, str]] = {}
    path: str | None = f"/api/v1/photos/{photo}/comments/?limit=50"
    while path:
        status, page = person.call("GET", path)
        if status != 200:
            raise RuntimeError(f"The comments cannot be read: {status}")
        found |= {
            each["id"]: (each["author"]["username"], each["text"]) for each in page["results"]
        }
        after = urlsplit(page["next"] or "")
        path = f"{after.path}?{after.query}" if page["next"] else None
    return found


@contextmanager
def uploading(url: str, name: str, password: str) -> Iterator[list[tuple[int, str]]]:
    """Publish photo after photo for the body of the ``with``; note status and id of each."""
    done: list[tuple[int, str]] = []
    ending = threading.Event()

    def publish_all() -> None:
        person = {"username": name, "password": password}
        with httpx.Client(base_url=f"{url}/api/v1", trust_env=False, timeout=60) as client:
            token = client.post("/auth/token/", json=person).json()["access"]
            header = {"Authorization": f"Bearer {token}"}
            while not ending.wait(0.5):
                answer = client.post("/photos/", files={"image": picture()}, headers=header)
                done.append((answer.status_code, answer.json().get("id", "")))

    thread = threading.Thread(target=publish_all)
    thread.start()
    try:
        yield done
    finally:
        ending.set()
        thread.join(60)
