"""Stage 3: nginx and three instances. Any of them answers, and losing one loses no request."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import httpx
import orjson
import pytest

from infra.cluster import Cluster
from tests.factories import picture
from tests.infra.gunicorns import gunicorn
from tests.infra.load import WRITES, Load, uploading
from tests.infra.nginx.server import make_certificate, nginx
from tests.infra.stages.conftest import PASSWORD

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages")]
INSTANCES = ("web1", "web2", "web3")
LIMIT = (30 * 1024 + 256) * 1024


@pytest.fixture
def client(stage3: Cluster) -> Iterator[httpx.Client]:
    """Return a client of nginx."""
    with httpx.Client(base_url=stage3.url, trust_env=False, timeout=60) as client:
        yield client


@pytest.fixture
def instances(stage3: Cluster) -> Iterator[list[httpx.Client]]:
    """Return a client of each instance, past nginx."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                httpx.Client(
                    base_url=stage3.url,
                    transport=httpx.HTTPTransport(uds=stage3.part(name).socket),
                    headers={"X-Forwarded-For": "127.0.0.1"},
                    timeout=60,
                )
            )
            for name in INSTANCES
        ]


def log_in(client: httpx.Client, name: str) -> dict[str, str]:
    """Log in as a mobile client; return the header that shows it."""
    person = {"username": name, "password": PASSWORD}
    tokens = client.post("/api/v1/auth/token/", json=person).json()
    return {"Authorization": f"Bearer {tokens['access']}"}


# ---------------------------------------------------------------- any instance, any request
def test_a_session_made_by_one_instance_works_on_all(instances: list[httpx.Client]) -> None:
    first = instances[0]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', first.get("/login/").text)
    assert token is not None
    person = {"username": "user1", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    assert first.post("/login/", data=person).status_code == 302
    for instance in instances:
        instance.cookies.update(first.cookies)
        page = instance.get("/feed/")
        assert page.status_code == 200
        assert "/@user1/" in page.text


def test_a_token_made_by_one_instance_works_on_all(instances: list[httpx.Client]) -> None:
    header = log_in(instances[1], "user1")
    names = [one.get("/api/v1/me/", headers=header).json()["username"] for one in instances]
    assert names == ["user1"] * 3


def test_an_upload_through_one_instance_is_seen_through_the_others(
    instances: list[httpx.Client], client: httpx.Client
) -> None:
    header = log_in(instances[2], "user2")
    sent = instances[2].post("/api/v1/photos/", files={"image": picture()}, headers=header)
    assert sent.status_code in {201, 202}
    path = f"/api/v1/photos/{sent.json()['id']}/"
    for instance in instances[:2]:
        photo = wait_for(instance, path, header)
        picture_url = photo["sources"][0]["url"]
        assert client.get(picture_url, headers=header).headers["Content-Type"] == "image/webp"


def wait_for(client: httpx.Client, path: str, header: dict[str, str]) -> dict[str, Any]:
    """Return what is at an address once it is there."""
    for _ in range(200):
        answer = client.get(path, headers=header)
        if answer.status_code == 200:
            return cast(dict[str, Any], answer.json())
        time.sleep(0.1)
    raise AssertionError(f"{path} never came.")


# ---------------------------------------------------------------- who asks, and how
def test_https_is_what_nginx_says_and_not_what_a_client_says(
    stage3: Cluster, client: httpx.Client
) -> None:
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "on", "Forwarded": "proto=https"}
    header = log_in(client, "user1") | forged
    assert addresses(client, "/api/v1/feed/", header) == {"http"}
    folder = Path(stage3.part("web1").socket).parent / "tls"
    folder.mkdir()
    make_certificate(folder)
    own = {"SOCKET_DIR": folder.parent, "DATA_DIR": stage3.layout.site}
    with (
        nginx(folder, "nginx-tls.conf", **own) as address,
        httpx.Client(verify=False, base_url=f"https://{address}") as safe,  # noqa: S501
    ):
        assert addresses(safe, "/api/v1/feed/", header | {"X-Forwarded-Proto": "http"}) == {"https"}


def addresses(client: httpx.Client, path: str, header: dict[str, str]) -> set[str]:
    """Return the schemes of the addresses in a page of photos."""
    page = client.get(path, headers=header).json()
    return {photo["url"].partition(":")[0] for photo in page["results"]}


def test_a_client_cannot_change_the_address_that_it_is_counted_under(stage3: Cluster) -> None:
    folder = Path(stage3.part("web1").socket).parent / "limits"
    folder.mkdir()
    env = stage3.env | {"RATE_LIMITS": "true", "BIND": f"unix:{folder}/web1.sock"}
    elsewhere = httpx.HTTPTransport(local_address="127.0.0.2")
    with (
        gunicorn(env, folder / "web1.sock"),
        nginx(folder) as address,
        httpx.Client(base_url=f"http://{address}", trust_env=False) as one,
        httpx.Client(base_url=f"http://{address}", transport=elsewhere) as other,
    ):
        tries = [try_password(one, f"203.0.113.{number}") for number in range(11)]
        assert tries == [401] * 10 + [429]
        assert try_password(other, "127.0.0.1") == 401


def try_password(client: httpx.Client, forged: str) -> int:
    """Try to log in, saying that one has this address; return the status."""
    person = {"username": "nobody", "password": "wrong"}
    header = {"X-Forwarded-For": forged, "Host": "127.0.0.1"}
    return client.post("/api/v1/auth/token/", json=person, headers=header).status_code


# ---------------------------------------------------------------- one id in all logs
def test_a_request_has_one_id_in_its_answer_and_in_three_logs(
    stage3: Cluster, client: httpx.Client
) -> None:
    forged = {"X-Request-ID": "f" * 32}
    identifier = client.get("/api/v1/photos/1/?secret=1", headers=forged).headers["X-Request-ID"]
    assert identifier != "f" * 32
    time.sleep(1.5)
    in_nginx = [line for line in lines(stage3.layout.logs / "access.log") if identifier in line]
    in_site = [line for name in INSTANCES for line in lines(stage3.part(name).log)]
    ours = [line for line in in_site if identifier in line]
    assert [orjson.loads(line)["upstream_status"] for line in in_nginx] == ["401"]
    gunicorns = [line for line in ours if f"id={identifier} GET /api/v1/photos/1/ 401" in line]
    djangos = [line for line in ours if f"django.request {identifier}: Unauthorized" in line]
    assert (len(gunicorns), len(djangos)) == (1, 1)
    assert "secret" not in gunicorns[0]


def lines(path: Path) -> list[str]:
    """Return the lines of a log."""
    return path.read_text().splitlines()


# ---------------------------------------------------------------- limits, compression, caching
def test_nginx_and_the_site_refuse_at_the_same_size_in_the_same_words(
    instances: list[httpx.Client], client: httpx.Client
) -> None:
    header = log_in(client, "user1")
    at_limit, above = (form_of(size, header) for size in (LIMIT, LIMIT + 1))
    ours, theirs = (
        one.post("/api/v1/media/", content=above[0], headers=above[1])
        for one in (client, instances[0])
    )
    assert (ours.status_code, theirs.status_code) == (413, 413)
    assert ours.json() == theirs.json()
    assert ours.headers["Content-Type"] == theirs.headers["Content-Type"]
    for one in (client, instances[0]):
        answer = one.post("/api/v1/media/", content=at_limit[0], headers=at_limit[1])
        # It was read: it is no picture.
        assert answer.json()["code"] == "not_an_image"


def form_of(size: int, header: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    """Return a form of this size with something that is no picture, and its headers."""
    head = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
    tail = b"\r\n--x--\r\n"
    body = head + b"\0" * (size - len(head) - len(tail)) + tail
    return body, header | {"Content-Type": "multipart/form-data; boundary=x"}


def test_text_is_compressed_and_pictures_are_not(client: httpx.Client) -> None:
    header = log_in(client, "user1") | {"Accept-Encoding": "gzip"}
    feed = client.get("/api/v1/feed/", headers=header)
    assert feed.headers["Content-Encoding"] == "gzip"
    assert client.get("/explore/").headers["Content-Encoding"] == "gzip"
    source = feed.json()["results"][0]["sources"][-1]["url"]
    assert "Content-Encoding" not in client.get(source, headers=header).headers


def test_static_files_are_kept_for_good_and_sent_compressed(
    stage3: Cluster, client: httpx.Client
) -> None:
    style = re.search(r'href="(/static/[^"]+/site\.[0-9a-f]{12}\.css)"', client.get("/").text)
    assert style is not None
    answer = client.get(style[1])
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    compressed = Path(f"{stage3.layout.site}{style[1]}.gz")
    assert int(answer.headers["Content-Length"]) == compressed.stat().st_size
    plain = client.get("/static/minigram_site/site.css")
    assert plain.headers["Cache-Control"] == "public, max-age=60"
    gone = client.get("/static/minigram_site/none.css")
    assert (gone.status_code, "There is nothing" in gone.text) == (404, True)


def test_pictures_come_from_nginx_with_the_headers_of_the_site(
    stage3: Cluster, client: httpx.Client
) -> None:
    header = log_in(client, "user1")
    photo = client.get("/api/v1/feed/", headers=header).json()["results"][0]
    answer = client.get(photo["sources"][0]["url"], headers=header)
    assert answer.content[8:12] == b"WEBP"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer.headers["Vary"] == "Cookie, Authorization"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Accel-Redirect" not in answer.headers
    again = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(photo["sources"][0]["url"], headers=header | again).status_code == 304


# ---------------------------------------------------------------- instances come and go
def test_all_three_are_restarted_one_after_the_other_and_no_request_fails(
    stage3: Cluster,
) -> None:
    with (
        uploading(stage3.url, "user3", PASSWORD) as uploads,
        Load(stage3.url, PASSWORD, pause=0.02) as load,
    ):
        stage3.restart(*INSTANCES)
    load.verdict().assert_flawless()
    assert load.acknowledged > 50
    assert len(uploads) > 1
    assert {status for status, _ in uploads} <= {201, 202}
    with httpx.Client(base_url=stage3.url, trust_env=False, timeout=60) as uploader:
        header = log_in(uploader, "user3")
        for _, photo in uploads:
            wait_for(uploader, f"/api/v1/photos/{photo}/", header)


@pytest.mark.parametrize("name", INSTANCES[:2])
def test_an_instance_is_killed_and_only_what_it_had_in_its_hands_fails(
    stage3: Cluster, name: str
) -> None:
    with Load(stage3.url, PASSWORD, pause=0.01) as load:
        time.sleep(1)
        began = time.monotonic()
        stage3.kill(name)
        killed = time.monotonic()
        time.sleep(2)
        stage3.start(name)
        time.sleep(1)
    assert [failure for failure in load.failures if failure.at < began] == []
    assert load.failed_after(killed + 0.1) == []
    # At most one request of each client. Reads went to the next instance, but for those whose
    # answer was on its way already.
    assert len(load.failures) <= len(load.people)
    reads = [failure for failure in load.failures if failure.what not in WRITES]
    assert {failure.cause for failure in reads} <= {"IncompleteRead"}
    load.verdict().assert_honest()


def test_nobody_queues_behind_an_instance_that_hangs(stage3: Cluster) -> None:
    def read(seconds: float) -> int:
        return httpx.get(f"{stage3.url}/explore/", timeout=seconds, trust_env=False).status_code

    stage3.pause("web2")
    try:
        with ThreadPoolExecutor(3) as pool:
            waiting: list[Future[int]] = []
            until = time.monotonic() + 30
            while not any(each.running() for each in waiting):
                assert time.monotonic() < until
                waiting = [pool.submit(read, 60) for _ in range(3)]
                time.sleep(2)
            # Whoever comes now: web2 has a request at hand, and the others have none.
            assert [read(5) for _ in range(30)] == [200] * 30
            stage3.resume("web2")
            assert {each.result() for each in waiting} == {200}
    finally:
        stage3.resume("web2")


def test_without_any_instance_people_hear_when_to_come_back(
    stage3: Cluster, client: httpx.Client
) -> None:
    stage3.kill(*INSTANCES)
    page, answer = client.get("/explore/"), client.get("/api/v1/feed/")
    assert (page.status_code, answer.status_code) == (503, 503)
    assert page.headers["Retry-After"] == answer.headers["Retry-After"] == "5"
    assert answer.json()["code"] == "unavailable"
    stage3.start("web2")
    assert client.get("/explore/").status_code == 200
