"""Uploads on a real server: many in a row, and one whose connection is cut."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from django.db import connection
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from infra.cluster.static_files import collect_for
from infra.lab.bench.server import Server, environment, serving
from infra.project import free_port, manage
from tests.factories import picture, upload
from tests.infra.client import Client

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Server]:
    """Serve an empty site of Stage 1."""
    if connection.vendor != "sqlite":
        pytest.skip("this site is on SQLite")
    env = environment(tmp_path / "data", free_port())
    manage(env, "migrate", "--verbosity", "0")
    collect_for(env)
    with serving(env, "minigram_site.wsgi:application", "/readyz", tmp_path / "log") as server:
        yield server


def test_twenty_uploads_in_a_row_keep_the_site_answering(site: Server) -> None:
    uploader, reader = Client(site.port, "ann"), Client(site.port, "bob")
    content = picture((3000, 2000))
    done = threading.Event()

    def send_all() -> None:
        for _ in range(20):
            status, _ = uploader.publish(content)
            assert status == 201
        done.set()

    thread = threading.Thread(target=send_all)
    thread.start()
    waits = []
    while not done.is_set() and thread.is_alive():
        began = time.monotonic()
        assert reader.call("GET", "feed/")[0] == 200
        waits.append(time.monotonic() - began)
        time.sleep(0.05)
    thread.join()
    assert done.is_set()
    assert len(waits) > 10
    assert max(waits) < 2
    assert sorted(waits)[len(waits) // 2] < 0.3
    assert uploader.call("GET", "users/ann/")[1]["photo_count"] == 20
    uploader.close()
    reader.close()


def test_a_connection_cut_in_the_middle_of_an_upload_leaves_nothing(
    site: Server, tmp_path: Path
) -> None:
    client = Client(site.port, "ann")
    body = encode_multipart(BOUNDARY, {"image": upload(picture((3000, 2000)))})
    head = (
        "POST /api/v1/media/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: {client.headers['Authorization']}\r\n"
        f"Content-Type: {MULTIPART_CONTENT}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    for part in (len(body) // 2, 100, 0):
        with socket.create_connection(("127.0.0.1", site.port)) as line:
            line.sendall(head.encode() + body[:part])
    time.sleep(0.5)
    assert client.call("GET", "feed/")[0] == 200
    media = tmp_path / "data" / "media"
    assert [path for path in media.rglob("*") if path.is_file()] == []
    assert "Traceback" not in (tmp_path / "log").read_text()
    status, answer = client.call("POST", "media/", body, MULTIPART_CONTENT)
    assert (status, orjson.dumps(answer["state"])) == (200, b'"ready"')
    client.close()
