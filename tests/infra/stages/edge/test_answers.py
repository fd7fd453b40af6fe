"""Stage 5 with the edge: what nginx answers itself is what Django would answer now."""

from __future__ import annotations

import os
import random
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from time import time
from typing import Any

import httpx
import jwt
import pytest

from infra.cluster import Cluster
from tests.infra.stages.clients import App, until
from tests.infra.stages.conftest import PASSWORD
from tests.infra.stages.edge.reader import Reader, answer_of, outcomes

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages")]
ACTS_DONE = 30
PEOPLE = ("user11", "user12", "user13")


@pytest.fixture(scope="module")
def edge(stage5: Cluster) -> Iterator[Cluster]:
    """Return Stage 5 with the edge on; afterwards it is off again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EDGE", "on")
        # Another object, since the parts of the first have their environment already.
        Cluster(stage5.data).restart("nginx")
        # An instance that has just started has no lease for some seconds, and so nginx has none.
        with Reader(stage5).log_in("user14") as reader:
            reader.warm("feed/")
        yield stage5
    Cluster(stage5.data).restart("nginx")
    with httpx.Client(base_url=stage5.url, trust_env=False) as line:
        assert line.get("/metrics/edge").status_code == 404


@pytest.fixture
def readers(edge: Cluster) -> Iterator[list[Reader]]:
    """Return three people who follow each other, each at nginx."""
    with ExitStack() as stack:
        found = [stack.enter_context(Reader(edge).log_in(name)) for name in PEOPLE]
        for one in found:
            for other in PEOPLE:
                if other != one.name:
                    one.call("DELETE", f"users/{other}/block/")
                    one.call("DELETE", f"users/{other}/mute/")
                    one.call("PUT", f"users/{other}/follow/")
        yield found


@pytest.fixture(scope="module")
def somebody(edge: Cluster) -> Iterator[Reader]:
    """Return somebody who follows others, and whom no test changes."""
    with Reader(edge).log_in("user14") as reader:
        for name in ("user15", "user16"):
            reader.call("PUT", f"users/{name}/follow/")
        yield reader


@pytest.fixture
def reader(somebody: Reader) -> Reader:
    """Return somebody whose feed the edge answers."""
    somebody.warm("feed/")
    return somebody


def photos_of(name: str, reader: App) -> list[str]:
    """Return the ids of somebody's photos."""
    page = reader.call("GET", f"users/{name}/photos/").json()
    return [photo["id"] for photo in page.get("results", [])]


# ---------------------------------------------------------------- the same answers
ACTS: dict[str, Callable[[Reader, str, str], Any]] = {
    "like": lambda me, you, photo: me.call("PUT", f"photos/{photo}/like/"),
    "unlike": lambda me, you, photo: me.call("DELETE", f"photos/{photo}/like/"),
    "comment": lambda me, you, photo: me.call(
        "POST", f"photos/{photo}/comments/", json={"text": "Oh"}
    ),
    "edit": lambda me, you, photo: me.call(
        "PATCH", f"photos/{photo}/", json={"caption": f"by {me.name} “é”"}
    ),
    "delete": lambda me, you, photo: me.call("DELETE", f"photos/{photo}/"),
    "follow": lambda me, you, photo: me.call("PUT", f"users/{you}/follow/"),
    "unfollow": lambda me, you, photo: me.call("DELETE", f"users/{you}/follow/"),
    "block": lambda me, you, photo: me.call("PUT", f"users/{you}/block/"),
    "unblock": lambda me, you, photo: me.call("DELETE", f"users/{you}/block/"),
    "hide": lambda me, you, photo: me.call("PATCH", "me/", json={"is_private": True}),
    "show": lambda me, you, photo: me.call("PATCH", "me/", json={"is_private": False}),
    "mute": lambda me, you, photo: me.call("PUT", f"users/{you}/mute/"),
    "unmute": lambda me, you, photo: me.call("DELETE", f"users/{you}/mute/"),
    "archive": lambda me, you, photo: me.call("PUT", f"photos/{photo}/archive/"),
    "bring back": lambda me, you, photo: me.call("DELETE", f"photos/{photo}/archive/"),
    "rename": lambda me, you, photo: me.call("PATCH", "me/", json={"display_name": photo[-6:]}),
    "log in again": lambda me, you, photo: me.log_in(me.name),
}
# Those that only few requests make: a deletion cannot be taken back.
RARE = {"delete", "block", "hide", "log in again"}


def test_after_each_act_of_a_random_history_the_edge_answers_what_django_answers(
    readers: list[Reader],
) -> None:
    dice = random.Random(2026)
    photos = [photo for one in readers for photo in photos_of(one.name, one)]
    before = outcomes(readers[0].line)
    history: list[tuple[str, ...]] = []
    for _ in range(ACTS_DONE):
        names = sorted(ACTS) if dice.random() < 0.3 else sorted({*ACTS} - RARE)
        act, me, you = dice.choice(names), dice.choice(readers), dice.choice(readers)
        photo = dice.choice(photos)
        if act in {"edit", "archive"}:
            photo = dice.choice(photos_of(me.name, me) or photos)
        status = ACTS[act](me, you.name, photo)
        history.append((act, me.name, you.name, photo, str(status)))
        asked = dice.sample(photos, 2)
        for one in readers:
            for path in ("feed/", "feed/?limit=3", *(f"photos/{photo}/" for photo in asked)):
                expected = one.ordinary(path)
                # The first may be an instance's, which fills; then the edge's.
                found = [one.get(path) for _ in range(3)]
                assert found == [expected] * 3, (history, one.name, path)
    asked_of = outcomes(readers[0].line) - before
    assert asked_of["hit"] > ACTS_DONE * 12, asked_of
    assert asked_of["error"] == 0, asked_of


def test_pages_behind_the_first_are_equal_in_both_directions(reader: Reader) -> None:
    path, seen = "feed/?limit=2", 0
    while path and seen < 4:
        reader.warm(path)
        found = reader.get(path)
        assert found == reader.ordinary(path)
        address = httpx.Response(200, content=found.body).json()
        for neighbour in filter(None, (address["next"], address["previous"])):
            there = neighbour.partition("/api/v1/")[2]
            assert reader.get(there) == reader.ordinary(there)
        path, seen = (address["next"] or "").partition("/api/v1/")[2], seen + 1


def test_compressed_answers_are_equal(reader: Reader) -> None:
    gzip = {"Accept-Encoding": "gzip"}
    assert reader.get("feed/", **gzip) == reader.ordinary("feed/", **gzip)


def test_the_log_has_the_id_of_the_answer(edge: Cluster, reader: Reader) -> None:
    given = reader.send("GET", "/api/v1/feed/", headers=reader.headers).headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", given)
    until(lambda: f'"id":"{given}"' in edge.log("access").read_text())
    line = next(one for one in edge.log("access").read_text().splitlines() if given in one)
    assert '"uri":"/api/v1/feed/","status":200' in line
    assert '"upstream":""' in line


# ---------------------------------------------------------------- what it leaves to an instance
UNUSUAL: list[tuple[str, str, dict[str, str]]] = [
    ("GET", "feed/?limit=51", {}),
    ("GET", "feed/?limit=05", {}),
    ("GET", "feed/?limit=5&cursor=n5", {}),
    ("GET", "feed/?cursor=x5", {}),
    ("GET", "feed/?cursor=n9999999999999999999", {}),
    ("GET", "feed/?color=red", {}),
    ("GET", "feed/?lim%69t=5", {}),
    ("GET", "%66eed/", {}),
    ("GET", "feed", {}),
    ("HEAD", "feed/", {}),
    ("POST", "feed/", {}),
    ("DELETE", "feed/", {}),
    ("GET", "feed/", {"Cookie": "theme=dark"}),
    ("GET", "feed/", {"Range": "bytes=0-9"}),
    ("GET", "feed/", {"If-None-Match": '"x"'}),
    ("GET", "feed/", {"Accept": "text/html"}),
    ("GET", "feed/", {"Host": "elsewhere.example"}),
    ("GET", "feed/", {"Authorization": ""}),
    ("GET", "feed/", {"Authorization": "Bearer"}),
    ("GET", "feed/", {"Authorization": "Bearer a.b.c"}),
    ("GET", "feed/", {"Authorization": "Basic YTpi"}),
    ("GET", "photos/5/", {}),
    ("GET", "photos/007/", {}),
    ("GET", "photos/9999999999999999999/", {}),
    ("GET", "photos/1/?size=big", {}),
    ("GET", "photos/²/", {}),
]


@pytest.mark.parametrize(("method", "path", "headers"), UNUSUAL)
def test_what_is_unusual_is_answered_by_an_instance(
    edge: Cluster, reader: Reader, method: str, path: str, headers: dict[str, str]
) -> None:
    sent = {**reader.headers, **headers}
    before = outcomes(reader.line)["hit"]
    found = reader.send(method, f"/api/v1/{path}", headers=sent)
    assert outcomes(reader.line)["hit"] == before
    with App(edge, only="web1") as direct:
        expected = direct.send(method, f"/api/v1/{path}", headers=sent)
    assert (found.status_code, found.content) == (expected.status_code, expected.content)


def test_headers_that_come_twice_are_an_instances_to_judge(reader: Reader) -> None:
    for name, value in (("Authorization", "Bearer x"), ("Accept", "text/html")):
        request = reader.line.build_request(
            "GET",
            "/api/v1/feed/",
            headers=[*reader.headers.items(), ("Accept", "*/*"), (name, value)],
        )
        before = outcomes(reader.line)["hit"]
        reader.line.send(request)
        assert outcomes(reader.line)["hit"] == before


def test_nobody_outside_can_ask_what_nginx_asks(edge: Cluster, reader: Reader) -> None:
    for path in ("lease", "caller", "head?kind=feed", "photo"):
        assert reader.send("GET", f"/_edge/{path}", headers=reader.headers).status_code == 404
    with App(edge, only="web1") as direct:
        assert direct.send("GET", "/_edge/lease", headers={"X-Forwarded-For": "192.0.2.1"}).is_error
        assert direct.send("GET", "/_edge/lease").status_code == 200


# ---------------------------------------------------------------- the next request counts
def in_shell(cluster: Cluster, name: str, code: str) -> None:
    """Let a verb run on somebody's account, in a process of its own."""
    head = "from accounts import services; from accounts.models import User; "
    cluster.manage("shell", "-c", f"{head}user = User.objects.get(username='{name}'); {code}")


def test_a_suspension_counts_at_the_next_request(edge: Cluster, readers: list[Reader]) -> None:
    suspended, friend = readers[1], readers[2]
    shown = photos_of(suspended.name, friend)[0]
    suspended.warm("feed/")
    friend.warm("feed/?limit=50")
    in_shell(edge, suspended.name, "services.suspend(user=user)")
    assert suspended.get("feed/").status == suspended.get(f"photos/{shown}/").status == 401
    assert friend.get(f"photos/{shown}/").status == 404
    assert suspended.name.encode() not in friend.get("feed/?limit=50").body
    in_shell(edge, suspended.name, "services.restore(user=user)")
    assert suspended.get("feed/") == suspended.ordinary("feed/")
    assert friend.get(f"photos/{shown}/").status == 200


def test_a_new_password_counts_at_the_next_request(edge: Cluster, readers: list[Reader]) -> None:
    person = readers[1]
    person.warm("feed/")
    in_shell(edge, person.name, f"services.change_password(user=user, password='{PASSWORD}')")
    assert person.get("feed/").status == 401
    person.log_in(person.name)
    assert person.get("feed/").status == 200


def test_a_log_out_counts_at_the_next_request_and_for_that_session_alone(
    edge: Cluster, readers: list[Reader]
) -> None:
    with Reader(edge).log_in(readers[1].name) as elsewhere:
        elsewhere.warm("feed/")
        readers[1].warm("feed/")
        ended = elsewhere.call("POST", "auth/logout/", json={"refresh": elsewhere.refresh})
        assert ended.status_code == 204
        assert elsewhere.get("feed/").status == 401
        assert readers[1].hits("feed/")


def test_the_signature_of_a_token_is_checked(reader: Reader) -> None:
    signed = reader.headers["Authorization"]
    forged = f"{signed.rpartition('.')[0]}.{'A' * 43}"
    assert [reader.get("feed/", Authorization=one).status for one in (forged, signed)] == [401, 200]


def test_a_token_that_the_edge_knows_is_refused_once_it_has_expired(
    edge: Cluster, reader: Reader
) -> None:
    key = edge.env["SECRET_KEY"]
    token = reader.headers["Authorization"].partition(" ")[2]
    claims = jwt.decode(token, key, algorithms=["HS256"])
    claims["exp"] = int(time()) + 5
    short = f"Bearer {jwt.encode(claims, key, algorithm='HS256')}"
    while (sent := time()) < claims["exp"] + 1:
        status = reader.get("feed/", Authorization=short).status
        assert status == 401 if sent >= claims["exp"] else status in {200, 401}, sent
    assert outcomes(reader.line)["token"] > 0


# ---------------------------------------------------------------- looking after it
def test_nginx_reloads_and_reopens_its_log(edge: Cluster, reader: Reader) -> None:
    master = edge.part("nginx").pid
    log = edge.log("access")
    os.kill(master, signal.SIGHUP)
    answers = [reader.get("feed/") for _ in range(50)]
    assert {one.status for one in answers} == {200}
    reader.warm("feed/")
    moved = Path(f"{log}.1")
    log.rename(moved)
    os.kill(master, signal.SIGUSR1)
    until(log.exists)
    until(lambda: (reader.hits("feed/"), "/api/v1/feed/" in log.read_text())[1], 10)
    moved.unlink()


def test_it_counts_why_instances_answer(reader: Reader) -> None:
    before = outcomes(reader.line)
    reader.ordinary("feed/")
    reader.get("feed/", Authorization="Bearer a.b.c")
    reader.get("feed/")
    assert outcomes(reader.line) - before == {"unusual": 1, "token": 1, "hit": 1}
    assert answer_of(reader.line.get("/metrics/edge")).status == 200
