"""Clients that choose the instance of each request, past nginx: by their sockets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from itertools import cycle
from time import monotonic, sleep
from typing import Any, Self

import httpx

from infra.cluster import Cluster
from minigram_site.fields.snowflake import encode
from minigram_site.web.read_your_writes import HEADER
from tests.infra.stages.conftest import PASSWORD

INSTANCES = ("web1", "web2", "web3")
REPLICAS = ("replica1", "replica2")
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Instances:
    """A client whose every request goes to the next instance. Cookies are its own."""

    def __init__(self, cluster: Cluster, *, only: str = "") -> None:
        self.cookies = CookieJar()
        self._lines = [
            httpx.Client(
                base_url=cluster.url,
                transport=httpx.HTTPTransport(uds=cluster.part(name).socket),
                cookies=self.cookies,
                timeout=30,
            )
            for name in INSTANCES
            if only in {"", name}
        ]
        self._next = cycle(self._lines)

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send one request."""
        return next(self._next).request(method, path, **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for line in self._lines:
            line.close()


class Browser(Instances):
    """Somebody with a browser, which keeps cookies."""

    def log_in(self, name: str, password: str = PASSWORD) -> Self:
        """Log in by the form."""
        answer = self.post("/login/", "/login/", username=name, password=password)
        assert answer.status_code == 302, answer.text
        return self

    def post(self, page: str, path: str, **fields: str) -> httpx.Response:
        """Send the form at ``path`` that stands on ``page``."""
        found = _TOKEN.search(self.send("GET", page).text)
        assert found is not None
        return self.send("POST", path, data=fields | {"csrfmiddlewaretoken": found[1]})

    def like(self, photo: int) -> None:
        """Like a photo."""
        page = f"/p/{encode(photo)}/"
        assert self.post(page, f"{page}like/").status_code == 302

    def sees_its_like(self, photo: int) -> bool:
        """Tell whether the photo's page says so."""
        return 'aria-pressed="true"' in self.send("GET", f"/p/{encode(photo)}/").text

    def comment(self, photo: int, text: str) -> None:
        """Comment on a photo."""
        page = f"/p/{encode(photo)}/"
        assert self.post(page, f"{page}comments/", text=text).status_code == 302

    def sees_comment(self, photo: int, text: str) -> bool:
        """Tell whether the photo's page shows it."""
        return text in self.send("GET", f"/p/{encode(photo)}/").text

    def follow(self, name: str) -> None:
        """Follow somebody."""
        assert self.post(f"/@{name}/", f"/@{name}/follow/").status_code == 302

    def sees_its_follow(self, name: str) -> bool:
        """Tell whether the profile says so."""
        return f'aria-label="Following: unfollow {name}"' in self.send("GET", f"/@{name}/").text

    def change_password(self, old: str, new: str) -> None:
        """Change the password by the form."""
        page = "/settings/password/"
        fields = {"old_password": old, "new_password1": new, "new_password2": new}
        assert self.post(page, page, **fields).status_code == 302

    def is_logged_in(self) -> bool:
        """Tell whether the feed is shown."""
        return self.send("GET", "/feed/").status_code == 200


class App(Instances):
    """Somebody with a mobile client, which keeps its token and, if told to, our header."""

    keeps_header = False

    def log_in(self, name: str, password: str = PASSWORD) -> Self:
        """Get a token."""
        self.headers: dict[str, str] = {}
        answer = self.call("POST", "auth/token/", json={"username": name, "password": password})
        assert answer.status_code == 200, answer.text
        self.headers["Authorization"] = f"Bearer {answer.json()['access']}"
        return self

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Make one call; nothing but the token, and the header, goes along."""
        self.cookies.clear()
        answer = self.send(method, f"/api/v1/{path}", headers=self.headers, **options)
        if self.keeps_header and HEADER in answer.headers:
            self.headers[HEADER] = answer.headers[HEADER]
        return answer

    def like(self, photo: int) -> None:
        """Like a photo."""
        answer = self.call("PUT", f"photos/{photo}/like/")
        assert answer.status_code == 200, answer.text

    def sees_its_like(self, photo: int) -> bool:
        """Tell whether the photo says so."""
        return bool(self.call("GET", f"photos/{photo}/").json()["liked"])

    def comment(self, photo: int, text: str) -> None:
        """Comment on a photo."""
        answer = self.call("POST", f"photos/{photo}/comments/", json={"text": text})
        assert answer.status_code == 201, answer.text

    def sees_comment(self, photo: int, text: str) -> bool:
        """Tell whether it is among the photo's comments."""
        return text in self.call("GET", f"photos/{photo}/comments/?limit=50").text

    def follow(self, name: str) -> None:
        """Follow somebody."""
        assert self.call("PUT", f"users/{name}/follow/").status_code == 200

    def sees_its_follow(self, name: str) -> bool:
        """Tell whether the profile says so."""
        return bool(self.call("GET", f"users/{name}/").json()["you_follow"])

    def is_logged_in(self) -> bool:
        """Tell whether the token still opens the feed."""
        return self.call("GET", "feed/").status_code == 200


class CarefulApp(App):
    """A mobile client that sends our header back."""

    keeps_header = True


@contextmanager
def replay_paused(cluster: Cluster) -> Iterator[None]:
    """Let both replicas receive the log and not replay it, for the body of the ``with``."""
    for name in REPLICAS:
        cluster.sql(name, "SELECT pg_wal_replay_pause()")
        until(lambda name=name: replay_state(cluster, name) == "paused")  # type: ignore[misc]
    try:
        yield
    finally:
        for name in REPLICAS:
            cluster.sql(name, "SELECT pg_wal_replay_resume()")


@contextmanager
def replay_late(cluster: Cluster, delay: str = "5s") -> Iterator[None]:
    """Let both replicas replay each commit later, for the body of the ``with``."""
    _delay(cluster, delay)
    try:
        yield
    finally:
        _delay(cluster, "0")


def replay_state(cluster: Cluster, name: str) -> str:
    """Return PostgreSQL's word for it."""
    return str(cluster.sql(name, "SELECT pg_get_wal_replay_pause_state()")[0][0])


def _delay(cluster: Cluster, delay: str) -> None:
    for name in REPLICAS:
        cluster.sql(name, f"ALTER SYSTEM SET recovery_min_apply_delay = '{delay}'")
        cluster.sql(name, "SELECT pg_reload_conf()")


def used(cluster: Cluster, instance: str = "web1") -> set[str]:
    """Return the servers that an instance uses now, by its metrics."""
    with Instances(cluster, only=instance) as client:
        text = client.send("GET", "/metrics").text
    return set(re.findall(r'^minigram_server_up\{server="(\w+)"\} 1\.0$', text, re.MULTILINE))


def reads(cluster: Cluster) -> dict[str, int]:
    """Return how many statements each server has answered, by ``manage.py counters``."""
    table = json.loads(cluster.manage("counters", "--json"))["statements"]
    return {server: row.get("read", 0) for server, row in table.items()}


def level(cluster: Cluster) -> None:
    """Wait until the replicas have replayed everything and all instances have seen that."""
    until(lambda: all(cluster.lag(name)[0] == 0 for name in REPLICAS))
    sleep(0.6)


def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Wait for a condition; fail if it does not come true."""
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end, "It did not come true in time."
        sleep(0.05)
