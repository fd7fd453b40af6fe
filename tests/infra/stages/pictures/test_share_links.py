"""Pictures behind a share link, from one process on SQLite to nginx before three instances."""

from __future__ import annotations

import re

import httpx
import orjson
import pytest

from tests.infra.stages.conftest import Stages
from tests.infra.stages.pictures.published import Author, author_on, doors

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages")]
STAGES = (1, 2, 3, 5)


def made(author: Author, **words: object) -> dict[str, str]:
    """Return a new link to the author's photo."""
    path, body = f"photos/{author.photo['id']}/links/", orjson.dumps(words)
    status, link = author.client.call("POST", path, body, "application/json")
    assert status == 201
    return dict(link)


def picture_at(client: httpx.Client, token: str) -> str:
    """Return the address of the first picture on the page of a link."""
    page = client.get(f"/s/{token}/")
    assert page.status_code == 200
    found = re.search(rf"/s/{token}/media/\w+/[\w.-]+", page.text)
    assert found is not None
    return found[0]


def assert_closed(answer: httpx.Response, status: int) -> None:
    """Fail if an answer shows a picture, or lets anybody keep it."""
    assert answer.status_code == status
    assert b"WEBP" not in answer.content[:12]
    assert "immutable" not in answer.headers.get("cache-control", "")


@pytest.mark.parametrize("stage", STAGES)
def test_a_picture_is_sent_through_its_link_until_it_is_revoked(stage: int, stages: Stages) -> None:
    cluster = stages.get(stage)
    with author_on(cluster) as author, doors(cluster) as clients:
        author.go_private()
        link = made(author)
        path = picture_at(clients["front"], link["token"])
        for name, client in clients.items():
            answer = client.get(path)
            assert answer.status_code == 200
            if name == "front":
                # Behind nginx an instance only says which file it is.
                assert answer.content[8:12] == b"WEBP"
                assert answer.headers["cache-control"] == "private, no-store"
                assert answer.headers["x-robots-tag"] == "noindex"
            assert client.get(author.path).status_code == 404
        part = clients["front"].get(path, headers={"Range": "bytes=0-3"})
        assert (part.status_code, part.content) == (206, b"RIFF")
        assert "no-store" in part.headers["cache-control"]
        assert author._call("DELETE", f"me/links/{link['id']}/") == 204
        for client in clients.values():
            for headers in ({}, {"If-None-Match": "*"}, {"Range": "bytes=0-3"}):
                assert_closed(client.get(path, headers=headers), 404)
        logs = [path.read_text(errors="replace") for path in cluster.layout.logs.glob("*")]
        assert logs
        assert [log for log in logs if link["token"] in log] == []


@pytest.mark.parametrize("stage", STAGES)
def test_a_picture_needs_the_password_of_its_link(stage: int, stages: Stages) -> None:
    cluster = stages.get(stage)
    with author_on(cluster) as author, doors(cluster) as clients:
        author.go_private()
        open_link, link = made(author), made(author, password="tell nobody")
        path = picture_at(clients["front"], open_link["token"])
        path = path.replace(open_link["token"], link["token"])
        for client in clients.values():
            assert_closed(client.get(path), 401)
            assert_closed(client.get(path, headers={"If-None-Match": "*"}), 401)
        unlock = f"/api/v1/shared/{link['token']}/unlock/"
        answer = clients["front"].post(unlock, json={"password": "tell nobody"})
        assert answer.status_code == 200
        key = {"X-Share-Key": answer.json()["key"]}
        for client in clients.values():
            assert client.get(path, headers=key).status_code == 200
            assert_closed(client.get(path), 401)
        author.be_suspended()
        for client in clients.values():
            assert_closed(client.get(path, headers=key), 404)
