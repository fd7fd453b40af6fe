"""Stage 4: everybody sees their own writes, whichever instance and replica answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from time import sleep
from typing import Any

import pytest

from infra.cluster import Cluster
from tests.factories import picture
from tests.infra.load import Load
from tests.infra.stages.clients import (
    REPLICAS,
    App,
    Browser,
    CarefulApp,
    Instances,
    level,
    reads,
    replay_late,
    replay_paused,
    until,
    used,
)
from tests.infra.stages.conftest import PASSWORD

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages")]

ALL = {"default", *REPLICAS}
Kind = type[Browser] | type[App]


@pytest.fixture(autouse=True)
def level_replicas(stage4: Cluster) -> None:
    """Begin with replicas that lack nothing and are used."""
    level(stage4)
    for instance in ("web1", "web2", "web3"):
        until(lambda instance=instance: used(stage4, instance) == ALL)  # type: ignore[misc]


@pytest.fixture
def photo(stage4: Cluster) -> int:
    """Return the newest photo of somebody whom everybody may see, liked by nobody."""
    rows = stage4.sql(
        "postgres",
        "SELECT photo.id FROM photos_photo photo JOIN accounts_user author"
        " ON author.id = author_id WHERE NOT is_private ORDER BY 1 DESC LIMIT 1",
    )
    for change in (
        "DELETE FROM photos_like WHERE",
        "UPDATE photos_photostats SET like_count = 0 WHERE",
    ):
        stage4.sql("postgres", f"{change} photo_id = {rows[0][0]}")
    return int(rows[0][0])


def _likes(cluster: Cluster, server: str, photo: int) -> int:
    query = f"SELECT count(*) FROM photos_like WHERE photo_id = {photo}"  # noqa: S608
    return int(cluster.sql(server, query)[0][0])


@pytest.mark.parametrize("make_late", [replay_late, replay_paused])
@pytest.mark.parametrize("kind", [Browser, CarefulApp, App])
def test_whoever_wrote_sees_it_at_the_next_request_from_another_instance(
    stage4: Cluster, photo: int, kind: Kind, make_late: Callable[[Cluster], Any]
) -> None:
    with kind(stage4).log_in("user3") as client:
        level(stage4)
        with make_late(stage4):
            client.like(photo)
            assert [client.sees_its_like(photo) for _ in range(3)] == [True] * 3
            assert [_likes(stage4, name, photo) for name in REPLICAS] == [0, 0]


@pytest.mark.parametrize("kind", [Browser, CarefulApp, App])
def test_whoever_follows_or_comments_sees_it_at_the_next_request(
    stage4: Cluster, photo: int, kind: Kind
) -> None:
    name, text = author_of(stage4, photo), f"words of a {kind.__name__}"
    with App(stage4).log_in("user3") as former:
        former.call("DELETE", f"users/{name}/follow/")
    with kind(stage4).log_in("user3") as client:
        level(stage4)
        with replay_paused(stage4):
            client.follow(name)
            assert [client.sees_its_follow(name) for _ in range(3)] == [True] * 3
            client.comment(photo, text)
            assert [client.sees_comment(photo, text) for _ in range(3)] == [True] * 3


def author_of(cluster: Cluster, photo: int) -> str:
    """Return the name of a photo's author."""
    query = (
        "SELECT username FROM accounts_user author JOIN photos_photo photo"  # noqa: S608
        f" ON author.id = author_id WHERE photo.id = {photo}"
    )
    return str(cluster.sql("postgres", query)[0][0])


def test_what_the_worker_publishes_is_seen_by_its_author_at_the_next_read(
    stage4: Cluster,
) -> None:
    with App(stage4).log_in("user9") as author:
        level(stage4)
        with replay_paused(stage4):
            sent = author.call("POST", "photos/", files={"image": picture()})
            assert sent.status_code == 202
            photo = sent.json()["id"]
            until(lambda: _has_photo(stage4, "postgres", photo), 30)
            seen = [author.call("GET", path).text for path in ("feed/", "users/user9/photos/") * 3]
            assert [f'"id":"{photo}"' in text for text in seen] == [True] * 6
            assert [author.call("GET", f"photos/{photo}/").status_code for _ in "123"] == [200] * 3
            assert not any(_has_photo(stage4, name, photo) for name in REPLICAS)


def _has_photo(cluster: Cluster, server: str, photo: str) -> bool:
    query = f"SELECT 1 FROM photos_photo WHERE id = {photo}"  # noqa: S608
    return bool(cluster.sql(server, query))


def test_the_admins_lists_show_a_row_that_was_changed_just_before(stage4: Cluster) -> None:
    rights = "UPDATE accounts_user SET is_staff = {0}, is_superuser = {0} WHERE username = 'user59'"
    stage4.sql("postgres", rights.format("true"))
    with Browser(stage4).log_in("user59") as admin, replay_paused(stage4):
        _set_name(stage4, "user44", "Changed just now")
        pages = [admin.send("GET", "/admin/accounts/user/").text for _ in range(3)]
        assert ["Changed just now" in page for page in pages] == [True] * 3
    stage4.sql("postgres", rights.format("false"))


def _set_name(cluster: Cluster, name: str, shown: str) -> None:
    """Change a row past the site: nothing tells it of that."""
    change = f"UPDATE accounts_user SET display_name = '{shown}' WHERE username = '{name}'"  # noqa: S608
    cluster.sql("postgres", change)


def test_connections_stay_within_the_budget_on_every_server(stage4: Cluster) -> None:
    mine = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'minigram'"
    most: Counter[str] = Counter()
    with Load(stage4.url, PASSWORD, clients=24):
        for _ in range(10):
            for server in ("postgres", *REPLICAS):
                most[server] = max(most[server], stage4.sql(server, mine)[0][0])
            sleep(0.2)
    # Each of three instances has a pool of 8 and one to watch the server by; then the worker, the
    # keeper and one command that happens to run. On the primary each of the three instances, the
    # worker and the command lock their INSTANCE_ID.
    limits = dict.fromkeys(("postgres", *REPLICAS), 3 * (8 + 1) + 3)
    limits["postgres"] += 3 + 1 + 1
    assert all(2 <= most[server] <= limit for server, limit in limits.items()), most


@pytest.mark.parametrize("kind", [Browser, App])
def test_somebody_new_finds_themself_at_once(stage4: Cluster, kind: Kind) -> None:
    name = f"new{kind.__name__.lower()}"
    person = {"username": name, "email": f"{name}@example.org", "password": "a-long-password-9"}
    with kind(stage4) as client, replay_paused(stage4):
        if isinstance(client, Browser):
            assert client.post("/signup/", "/signup/", **person).status_code == 302
            answer = client.send("GET", f"/@{name}/")
        else:
            client.headers = {}
            tokens = client.call("POST", "auth/register/", json=person).json()
            client.headers = {"Authorization": f"Bearer {tokens['access']}"}
            answer = client.call("GET", f"users/{name}/")
        assert answer.status_code == 200


def test_others_are_answered_by_replicas_meanwhile(stage4: Cluster, photo: int) -> None:
    with App(stage4).log_in("user3") as writer, App(stage4).log_in("user4") as reader:
        level(stage4)
        with replay_paused(stage4):
            writer.like(photo)
            assert reader.call("GET", f"photos/{photo}/").json()["like_count"] == 0
        until(lambda: reader.call("GET", f"photos/{photo}/").json()["like_count"] == 1)


def test_reads_are_spread_over_the_replicas_and_the_share_is_shown(stage4: Cluster) -> None:
    before = reads(stage4)
    with Instances(stage4) as visitor:
        for _ in range(60):
            assert visitor.send("GET", "/api/v1/instance/").status_code == 200
            assert visitor.send("GET", "/explore/").status_code == 200
    asked = {server: count - before.get(server, 0) for server, count in reads(stage4).items()}
    # The worker asks the primary for work meanwhile.
    assert asked["default"] < 0.3 * sum(asked.values())
    assert min(asked[name] for name in REPLICAS) > 0.3 * sum(asked.values())
    assert "share" in stage4.manage("counters")


def test_metrics_are_for_programs_on_the_machine_only(stage4: Cluster) -> None:
    with Instances(stage4) as program:
        text = program.send("GET", "/metrics").text
        assert 'minigram_database_statements_total{kind="read",server="replica1"}' in text
        forwarded = program.send("GET", "/metrics", headers={"X-Forwarded-For": "127.0.0.1"})
    assert forwarded.status_code == 404


@pytest.mark.parametrize("kind", [Browser, App])
def test_a_suspension_takes_effect_at_once(stage4: Cluster, kind: Kind) -> None:
    with kind(stage4).log_in("user58") as client, replay_paused(stage4):
        assert client.is_logged_in()
        _set_active(stage4, "user58", to="false")
        assert [client.is_logged_in() for _ in range(3)] == [False] * 3
    _set_active(stage4, "user58", to="true")


def test_what_somebody_hides_is_hidden_from_everybody_at_once(stage4: Cluster) -> None:
    with App(stage4).log_in("user56") as author, App(stage4).log_in("user55") as other:
        photos = "users/user56/photos/"
        other.call("DELETE", "users/user56/follow/")
        level(stage4)
        with replay_paused(stage4):
            assert other.call("GET", photos).status_code == 200
            author.call("PATCH", "me/", json={"is_private": True})
            assert [other.call("GET", photos).status_code for _ in range(3)] == [403] * 3
            author.call("PUT", "users/user55/block/")
            assert [other.call("GET", photos).status_code for _ in range(3)] == [404] * 3
        author.call("DELETE", "users/user55/block/")
        author.call("PATCH", "me/", json={"is_private": False})


def test_a_password_change_ends_other_sessions_and_tokens_at_once(stage4: Cluster) -> None:
    browser, other = (Browser(stage4).log_in("user57") for _ in range(2))
    with browser, other, App(stage4).log_in("user57") as app, replay_paused(stage4):
        browser.change_password(PASSWORD, "another-long-one-3")
        assert browser.is_logged_in()
        assert [other.is_logged_in() for _ in range(3)] == [False] * 3
        assert [app.is_logged_in() for _ in range(3)] == [False] * 3
        with App(stage4).log_in("user57", "another-long-one-3") as again:
            assert again.is_logged_in()
        browser.change_password("another-long-one-3", PASSWORD)


def test_logging_out_takes_effect_at_once(stage4: Cluster) -> None:
    with Browser(stage4).log_in("user5") as browser, Browser(stage4) as copy:
        for cookie in browser.cookies:
            if cookie.name == "sessionid":
                copy.cookies.set_cookie(cookie)
        with replay_paused(stage4):
            assert copy.is_logged_in()
            assert browser.post("/settings/", "/logout/").status_code == 302
            assert [copy.is_logged_in() for _ in range(3)] == [False] * 3


def _set_active(cluster: Cluster, name: str, *, to: str) -> None:
    """Suspend somebody, as another instance would."""
    change = f"UPDATE accounts_user SET is_active = {to} WHERE username = '{name}'"  # noqa: S608
    cluster.sql("postgres", change)
