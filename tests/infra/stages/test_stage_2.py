"""Stage 2: PostgreSQL is lost in every way it can be; the site says so and comes back by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from infra.cluster import Cluster
from tests.factories import picture
from tests.infra.load import Load
from tests.infra.stages.conftest import PASSWORD

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages")]
FEED = "/api/v1/feed/"


@pytest.fixture
def visitor(stage2: Cluster) -> Iterator[httpx.Client]:
    """Return a client without an account."""
    with httpx.Client(base_url=stage2.url, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def member(stage2: Cluster) -> Iterator[httpx.Client]:
    """Return a mobile client of user1."""
    with httpx.Client(base_url=stage2.url, trust_env=False, timeout=30) as client:
        person = {"username": "user1", "password": PASSWORD}
        tokens = client.post("/api/v1/auth/token/", json=person).json()
        client.headers["Authorization"] = f"Bearer {tokens['access']}"
        yield client


def until(happened: Callable[[], bool], seconds: float) -> float:
    """Wait for something; return how long it took, fail if it does not happen."""
    began = time.monotonic()
    while not happened():
        assert time.monotonic() - began < seconds
        time.sleep(0.1)
    return time.monotonic() - began


def is_refused(response: httpx.Response) -> bool:
    """Tell whether an answer is the 503 of a lost database, with when to try again."""
    return response.status_code == 503 and int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_lost_database_is_said_to_everybody_and_back_by_itself(
    stage2: Cluster, visitor: httpx.Client, member: httpx.Client, how: str
) -> None:
    before = stage2.part("web1").pid
    assert member.get(FEED).status_code == 200
    getattr(stage2, how)("postgres")
    page, answer = visitor.get("/explore/"), member.get(FEED)
    assert is_refused(page)
    assert "Not available right now" in page.text
    assert is_refused(answer)
    assert answer.json()["code"] == "database_unavailable"
    assert visitor.get("/healthz").status_code == 200
    assert visitor.get("/readyz").json()["checks"]["database"] == "unreachable"
    stage2.start("postgres")
    assert until(lambda: member.get(FEED).status_code == 200, 10) < 3
    assert visitor.get("/explore/").status_code == 200
    assert stage2.part("web1").pid == before


def test_while_it_is_lost_nobody_waits_long_and_the_log_stays_short(
    stage2: Cluster, visitor: httpx.Client
) -> None:
    log = stage2.part("web1").log
    stage2.kill("postgres")
    visitor.get("/explore/")
    size, began = log.stat().st_size, time.monotonic()
    assert all(is_refused(visitor.get("/explore/")) for _ in range(10))
    assert time.monotonic() - began < 8
    assert log.stat().st_size - size < 2000


def test_a_database_that_hangs_does_not_hang_the_site(
    stage2: Cluster, member: httpx.Client
) -> None:
    member.get(FEED)
    stage2.pause("postgres")
    began = time.monotonic()
    try:
        assert is_refused(member.get(FEED))
        assert time.monotonic() - began < 10
        assert member.get("/healthz").status_code == 200
    finally:
        stage2.resume("postgres")
    assert until(lambda: member.get(FEED).status_code == 200, 10) < 5


def test_an_upload_is_refused_with_a_sentence_and_nothing_is_half_done(
    stage2: Cluster, member: httpx.Client
) -> None:
    photos = stage2.sql("postgres", "SELECT count(*) FROM photos_photo")
    stage2.kill("postgres")
    image = {"image": ("photo.jpg", picture(), "image/jpeg")}
    answer = member.post("/api/v1/photos/", files=image)
    assert is_refused(answer)
    assert "try again" in answer.json()["detail"]
    stage2.start("postgres")
    until(lambda: member.get(FEED).status_code == 200, 10)
    assert stage2.sql("postgres", "SELECT count(*) FROM photos_photo") == photos
    stage2.manage("check_media")
    stage2.manage("reconcile")
    assert member.post("/api/v1/photos/", files=image).status_code in {201, 202}


def test_the_worker_goes_on_when_the_database_is_back(
    stage2: Cluster, member: httpx.Client
) -> None:
    before = stage2.part("worker").pid
    stage2.restart("postgres")
    until(lambda: member.get(FEED).status_code == 200, 10)
    image = {"image": ("photo.jpg", picture(), "image/jpeg")}
    draft = member.post("/api/v1/photos/", files=image).json()["id"]
    until(lambda: member.get(f"/api/v1/photos/{draft}/").status_code == 200, 20)
    assert stage2.part("worker").pid == before


def test_under_load_every_failure_is_a_503_and_nothing_acknowledged_is_lost(
    stage2: Cluster,
) -> None:
    with Load(stage2.url, PASSWORD, clients=6, pause=0.01) as load:
        time.sleep(1)
        stage2.kill("postgres")
        time.sleep(1)
        stage2.start("postgres")
        time.sleep(2)
        back = time.monotonic()
        time.sleep(1)
    assert {failure.cause for failure in load.failures} == {"503"}
    assert load.failed_after(back) == []
    assert load.acknowledged > 20
    load.verdict().assert_honest()


def test_connections_stay_within_the_budget(stage2: Cluster) -> None:
    mine = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'minigram'"
    most = 0
    with Load(stage2.url, PASSWORD, clients=24):
        for _ in range(20):
            most = max(most, stage2.sql("postgres", mine)[0][0])
            time.sleep(0.1)
    # The pool, the worker, a lock of the INSTANCE_ID for both, and a command that happens to run.
    assert 2 <= most <= 8 + 1 + 2 + 1


@pytest.fixture
def track_planning(stage2: Cluster) -> Iterator[None]:
    """Let PostgreSQL count how often it plans each statement, for the test."""
    _set_tracking(stage2, "SET pg_stat_statements.track_planning = on")
    yield
    _set_tracking(stage2, "RESET pg_stat_statements.track_planning")


def _set_tracking(stage2: Cluster, change: str) -> None:
    stage2.sql("postgres", f"ALTER SYSTEM {change}")
    stage2.sql("postgres", "SELECT pg_reload_conf()")


@pytest.mark.usefixtures("track_planning")
@pytest.mark.parametrize("hot", ["feed", "photo", "like"])
def test_hot_statements_are_prepared_and_planned_once(
    stage2: Cluster, member: httpx.Client, hot: str
) -> None:
    photo = member.get("/api/v1/explore/").json()["results"][0]["id"]
    shown = f"/api/v1/photos/{photo}/"
    calls = {
        "feed": [("GET", FEED)],
        "photo": [("GET", shown)],
        "like": [("PUT", f"{shown}like/"), ("DELETE", f"{shown}like/")],
    }

    def ask() -> None:
        assert {member.request(*call).status_code for call in calls[hot]} == {200}

    for _ in range(40):
        ask()
    stage2.sql("postgres", "SELECT pg_stat_statements_reset()")
    for _ in range(60):
        ask()
    rows = stage2.sql(
        "postgres",
        "SELECT calls, plans, query FROM pg_stat_statements WHERE calls >= 50"
        " AND query ~ 'photos_|accounts_user'",
    )
    assert len(rows) >= 1
    assert [query for calls, plans, query in rows if plans > calls / 4] == []
