"""What a real nginx with our configuration does with requests, good and bad instances."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import time
import warnings
from collections import Counter
from pathlib import Path

import httpx
import orjson
import pytest

from tests.infra.nginx.instances import SOCKETS, Instances
from tests.infra.nginx.server import nginx

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed"),
    pytest.mark.xdist_group("nginx"),
]
ID = re.compile(r"[0-9a-f]{32}")
LIMIT = (1024 + 256) * 1024


def test_requests_go_round_all_instances(instances: Instances, client: httpx.Client) -> None:
    for _ in range(30):
        client.get("/")
        client.post("/", content=b"x")
    assert Counter(request.instance for request in instances.seen) == dict.fromkeys(SOCKETS, 20)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_request_that_may_be_repeated_goes_to_the_next_instance(
    method: str, instances: Instances, client: httpx.Client
) -> None:
    instances.behaviour = dict.fromkeys(SOCKETS[:2], "hangs up")
    assert {client.request(method, "/like/").status_code for _ in range(12)} == {200}


def test_a_post_is_never_sent_twice(instances: Instances, client: httpx.Client) -> None:
    instances.behaviour = dict.fromkeys(SOCKETS, "hangs up")
    answers = [client.post("/api/v1/x/", content=str(number)) for number in range(6)]
    assert {answer.status_code for answer in answers} == {503}
    assert [request.body for request in instances.seen] == [b"0", b"1", b"2", b"3", b"4", b"5"]


def test_a_503_of_the_site_reaches_the_client_and_costs_no_instance_its_place(
    instances: Instances, client: httpx.Client
) -> None:
    instances.behaviour = dict.fromkeys(SOCKETS, "refuses")
    for number in range(30):
        answer = client.get("/")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
        assert len(instances.seen) == number + 1
    assert len({request.instance for request in instances.seen}) == 3


def test_instances_that_failed_are_asked_again_when_no_other_is_left(
    instances: Instances, client: httpx.Client
) -> None:
    instances.behaviour = dict.fromkeys(SOCKETS, "hangs up")
    assert {client.get("/").status_code for _ in range(6)} == {503}
    instances.behaviour = {}
    assert client.get("/").status_code == 200
    assert client.post("/", content=b"x").status_code == 200


def test_when_no_instance_is_there_people_get_a_page_and_programs_a_problem(
    folder: Path, tmp_path: Path
) -> None:
    with nginx(folder, SOCKET_DIR=tmp_path) as address:
        page = httpx.get(f"http://{address}/feed/", trust_env=False)
        answer = httpx.post(f"http://{address}/api/v1/photos/", content=b"x", trust_env=False)
    assert page.status_code == answer.status_code == 503
    assert page.headers["Retry-After"] == answer.headers["Retry-After"] == "5"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert (answer.json()["status"], answer.json()["code"]) == (503, "unavailable")
    assert ID.fullmatch(page.headers["X-Request-ID"])


FORGED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "443",
    "X-Forwarded-Protocol": "ssl",
    "X-Forwarded-Ssl": "on",
    "X-Real-IP": "203.0.113.9",
    "Forwarded": "for=203.0.113.9;proto=https",
    "X-Request-ID": "00000000000000000000000000000000",
    "X-Accel-Redirect": "/protected/x",
    "X-Sendfile": "/etc/passwd",
    "Proxy": "http://evil.example",
    "X_Forwarded_For": "203.0.113.9",
    "SCRIPT_NAME": "/evil",
    "Connection": "X-Forwarded-For, X-Forwarded-Proto, X-Request-ID",
}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_client_cannot_say_who_it_is(
    method: str, instances: Instances, client: httpx.Client
) -> None:
    client.request(method, "/", headers=FORGED)
    got = instances.last.headers
    assert got.get_all("X-Forwarded-For") == ["127.0.0.1"]
    assert got.get_all("X-Forwarded-Proto") == ["http"]
    kept = {"x-forwarded-for", "x-forwarded-proto", "x-request-id", "connection"}
    assert [name for name in FORGED if name.lower() not in kept and name in got] == []
    assert "evil" not in str(got)
    assert "203.0.113.9" not in str(got)


def test_an_answer_has_the_id_that_the_instance_got(
    instances: Instances, client: httpx.Client
) -> None:
    answer = client.get("/", headers=FORGED)
    assert answer.headers.get_list("X-Request-ID") == [instances.last.headers["X-Request-ID"]]
    assert ID.fullmatch(answer.headers["X-Request-ID"])
    assert set(answer.headers["X-Request-ID"]) != {"0"}


def test_the_log_tells_of_each_request_which_instance_answered_and_when(
    instances: Instances, client: httpx.Client, folder: Path
) -> None:
    identifier = client.get("/a?b=c").headers["X-Request-ID"]
    time.sleep(1.5)
    lines = map(orjson.loads, (folder / "access.log").read_text().splitlines())
    line = next(each for each in lines if each["id"] == identifier)
    assert (line["status"], line["upstream_status"]) == (200, "200")
    assert line["upstream"].endswith(instances.last.instance)
    assert float(line["upstream_seconds"]) <= line["seconds"] + 0.01
    assert (line["client"], line["method"], line["uri"]) == ("127.0.0.0", "GET", "/a")


def test_the_log_has_no_token_of_a_link(client: httpx.Client, folder: Path) -> None:
    client.get("/password-reset/MQ/a-token/")
    client.get("/password-reset/sent/")
    client.get("/s/a-share-token/media/2/x.webp")
    client.get("/api/v1/shared/a-share-token/photos/")
    client.get("/invite/a-code/")
    client.get("/confirm-email/a-token/?x=1")
    time.sleep(1.5)
    log = (folder / "access.log").read_text()
    assert "a-token" not in log
    assert "a-share-token" not in log
    assert '"/s/..."' in log
    assert '"/api/v1/shared/..."' in log
    assert "/password-reset/..." in log
    assert "/password-reset/sent/" in log
    assert '"/invite/..."' in log
    assert '"/confirm-email/..."' in log
    assert "a-code" not in log


def test_addresses_arrive_as_they_were_sent(instances: Instances, client: httpx.Client) -> None:
    for method in ("GET", "POST"):
        client.request(method, "/p/%C3%A9%2Fx/?q=a%20b&c=%26")
        assert instances.last.path == "/p/%C3%A9%2Fx/?q=a%20b&c=%26"
        assert instances.last.headers["Host"] == client.base_url.netloc.decode()


def test_a_body_at_the_limit_passes_and_one_above_is_refused_in_words(
    instances: Instances, client: httpx.Client
) -> None:
    assert client.post("/", content=b"x" * LIMIT).status_code == 200
    assert len(instances.last.body) == LIMIT
    page = client.post("/upload/", content=b"x" * (LIMIT + 1))
    answer = client.post("/api/v1/media/", content=b"x" * (LIMIT + 1))
    chunks = client.post("/api/v1/media/", content=iter([b"x" * (LIMIT + 1)]))
    assert [each.status_code for each in (page, answer, chunks)] == [413, 413, 413]
    assert "A photo can have up to 1 MB." in page.text
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json()["code"] == chunks.json()["code"] == "too_large"
    assert answer.json()["detail"].endswith("A photo can have up to 1 MB.")
    assert len(instances.seen) == 1


def test_a_slow_client_costs_no_instance_anything(instances: Instances, address: str) -> None:
    host, _, port = address.partition(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc")
        time.sleep(0.3)
        assert instances.seen == []
        line.sendall(b"def")
        assert line.recv(100).startswith(b"HTTP/1.1 200")
    assert instances.last.body == b"abcdef"


def test_counts_are_not_shown_to_others(instances: Instances, address: str) -> None:
    elsewhere = httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(transport=elsewhere) as stranger:
        for path in ("/metrics", "//metrics", "/%6detrics"):
            assert stranger.get(f"http://{address}{path}").status_code == 403
        assert stranger.get(f"http://{address}/healthz").status_code == 200
    assert instances.seen == []
    tunnels = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via", "CF-Connecting-IP")
    for name in tunnels:
        headers = {name: "192.0.2.7"}
        told = httpx.get(f"http://{address}/metrics", headers=headers, trust_env=False)
        assert told.status_code == 404
    assert instances.seen == []


def test_programs_of_this_machine_get_the_counts_of_an_instance(
    instances: Instances, address: str
) -> None:
    """As the site shows them to nobody who comes through a proxy, nginx does not say that it is."""
    assert httpx.get(f"http://{address}/metrics", trust_env=False).status_code == 200
    assert "X-Forwarded-For" not in instances.last.headers


@pytest.mark.parametrize("path", ["/_write", "/_errors/503.html", "/protected/x"])
def test_internal_addresses_cannot_be_opened(
    path: str, instances: Instances, client: httpx.Client
) -> None:
    answers = [client.request(method, path) for method in ("GET", "POST")]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert instances.seen == []


def test_text_is_compressed(instances: Instances, client: httpx.Client) -> None:
    answer = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    plain = client.get("/", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.json() == answer.json()


def test_plain_http_is_sent_on_to_https_but_for_health(
    instances: Instances, secure: tuple[str, str]
) -> None:
    answer = httpx.get(f"http://{secure[0]}/a/?b=c", trust_env=False)
    assert (answer.status_code, answer.headers["Location"]) == (308, "https://127.0.0.1/a/?b=c")
    assert httpx.get(f"http://{secure[0]}/readyz", trust_env=False).status_code == 200
    assert [request.path for request in instances.seen] == ["/readyz"]


def test_over_tls_the_site_hears_of_https(instances: Instances, secure: tuple[str, str]) -> None:
    forged = FORGED | {"X-Forwarded-Proto": "http"}
    with httpx.Client(verify=False, trust_env=False) as client:  # noqa: S501 - our own certificate
        client.get(f"https://{secure[1]}/", headers=forged)
    assert instances.last.headers.get_all("X-Forwarded-Proto") == ["https"]


def test_tls_is_modern_and_speaks_http_2(secure: tuple[str, str]) -> None:
    assert agreed(secure[1], ssl.TLSVersion.TLSv1_3) == ("TLSv1.3", "h2")
    assert agreed(secure[1], ssl.TLSVersion.TLSv1_2) == ("TLSv1.2", "h2")
    with pytest.raises((ssl.SSLError, OSError)):
        agreed(secure[1], ssl.TLSVersion.TLSv1_1)


def agreed(address: str, version: ssl.TLSVersion) -> tuple[str | None, str | None]:
    """Return the version of TLS, this one or none, and the protocol that nginx agrees to."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings(action="ignore"):  # Python warns of old versions
        context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.set_alpn_protocols(["h2", "http/1.1"])
    host, _, port = address.partition(":")
    with (
        socket.create_connection((host, int(port))) as line,
        context.wrap_socket(line, server_hostname=host) as secret,
    ):
        return secret.version(), secret.selected_alpn_protocol()
