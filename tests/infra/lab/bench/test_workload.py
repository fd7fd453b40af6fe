"""Requests are those of many people, undo what they do, and are equal for equal dice."""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from io import StringIO
from random import Random

import pytest

from accounts.models import User
from infra.lab.bench.contestants import ISSUE, roots_of
from infra.lab.bench.crowd import Crowd, Picture, local
from infra.lab.bench.rows import FLOOR, ROWS
from infra.lab.bench.workload import WORKLOADS, follows, likes, published, uncached_pages

STATUS = """Stage 5 at http://127.0.0.1:8000 in /tmp/it
NAME      ROLE                   PORT OR SOCKET  PID    MEMORY  HEALTH  LAG
postgres  PostgreSQL, primary    /tmp/s.5432     101    35 MB   ok      -
replica1  PostgreSQL, replica    /tmp/s.5433     102    35 MB   ok      0 B, 0.0 s
replica2  PostgreSQL, replica    /tmp/s.5434     -      -       down    -
redis     Redis, cache           /tmp/r.sock     104    9 MB    ok      -
nginx     proxy                  8000            105    4 MB    ok      -
web1      gunicorn               /tmp/1.sock     106    95 MB   ok      -
worker    task worker            -               107    74 MB   ok      -
keeper    keeper                 -               108    74 MB   ok      -
"""


@pytest.fixture
def crowd() -> Crowd:
    """Return twenty people, the last of whom has a private account."""
    names = [f"user{number}" for number in range(1, 21)]
    picture = Picture("/media/a.webp", "user1", {"If-None-Match": '"a"'}, 4000)
    return Crowd(
        names,
        lambda whose: {name: f"token-of-{name}" for name in whose},
        cookies=["sessionid=a"],
        hidden=("user20",),
        photos=["11", "12", "13"],
        pictures=[picture],
        private_pictures=[picture],
        second_pages=dict.fromkeys(names, "/api/v1/feed/?cursor=n90000"),
        deep_pages={"user1": "/api/v1/feed/?cursor=n50000"},
    )


def test_every_row_has_requests_that_are_equal_for_equal_dice(crowd: Crowd) -> None:
    assert set(WORKLOADS) == {row.name for row in ROWS if row is not FLOOR}
    for name, workload in WORKLOADS.items():
        crowd.used_edges = 0
        first = workload(crowd, Random(name))
        crowd.used_edges = 0
        assert first == workload(crowd, Random(name))
        assert first, name


@pytest.mark.parametrize("workload", [likes, follows])
def test_what_is_done_is_undone_later_by_whoever_did_it(crowd: Crowd, workload: object) -> None:
    assert callable(workload)
    done: dict[tuple[str, str], int] = {}
    for request in workload(crowd, Random(1)):
        act = (request.path, request.headers["Authorization"])
        done[act] = done.get(act, 0) + (1 if request.method == "PUT" else -1)
        assert done[act] >= 0
    assert len(done) > 50
    assert set(done.values()) == {0}


def test_nobody_follows_themself_or_a_private_account(crowd: Crowd) -> None:
    for request in follows(crowd, Random(1)):
        name = request.headers["Authorization"].removeprefix("Bearer token-of-")
        assert f"/{name}/" not in request.path
        assert "/user20/" not in request.path


def test_a_page_that_no_cache_has_is_never_asked_for_twice(crowd: Crowd) -> None:
    asked = [
        (request.path, request.headers["Authorization"])
        for _ in range(2)
        for request in uncached_pages(crowd, Random(1))
    ]
    assert len(set(asked)) == len(asked)


def test_a_cursor_of_another_form_is_no_reason_to_ask_for_nonsense(crowd: Crowd) -> None:
    crowd.second_pages = {"user1": "/api/v1/feed/?after=abc"}
    assert uncached_pages(crowd, Random(1)) == []


def test_each_published_photo_is_another_persons_and_another_file(crowd: Crowd) -> None:
    made = published(crowd, Random(1))
    assert len({request.headers["Authorization"] for request in made}) == len(made) == 11
    assert len({request.body for request in made}) == 11


def test_tokens_are_issued_once_for_all(crowd: Crowd) -> None:
    calls = []
    crowd.issue = lambda names: calls.append(1) or dict.fromkeys(names, "x")  # type: ignore[func-returns-value]
    for name in crowd.names:
        crowd.header_of(name)
    assert len(calls) == 1


@pytest.mark.django_db
def test_the_site_issues_tokens_that_it_accepts(alice: User, client: object) -> None:
    written = StringIO()
    with redirect_stdout(written):
        exec(ISSUE.format(names=json.dumps(["alice", "nobody"])), {})  # noqa: S102 - as the shell does
    tokens = json.loads(written.getvalue().splitlines()[-1])
    assert set(tokens) == {"alice"}
    answer = client.get("/api/v1/me/", headers={"Authorization": f"Bearer {tokens['alice']}"})  # type: ignore[attr-defined]
    assert answer.status_code == 200


def test_all_processes_of_a_stage_are_counted_by_kind() -> None:
    assert roots_of(STATUS) == {
        "PostgreSQL": [101, 102],
        "Redis": [104],
        "nginx": [105],
        "gunicorn": [106],
        "others": [107, 108],
    }
    with pytest.raises(RuntimeError, match="shows no process"):
        roots_of("No cluster.")


def test_an_address_is_local_without_its_host() -> None:
    assert local("http://127.0.0.1:8000/a/?cursor=n1") == "/a/?cursor=n1"
    assert local("http://127.0.0.1:8000/a/") == "/a/"
