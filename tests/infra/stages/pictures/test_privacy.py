"""What is hidden is hidden at once, at every instance, from whoever knows the address."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from minigram_site.fields.snowflake import encode
from tests.infra.stages.conftest import Stages
from tests.infra.stages.pictures.published import Author, author_on, doors

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages")]
# From one process on SQLite to nginx before three, with replicas and a cache.
STAGES = (1, 2, 3, 5)
HIDING: dict[str, Callable[[Author], None]] = {
    "going private": Author.go_private,
    "suspension": Author.be_suspended,
    "deletion of the photo": Author.delete_photo,
    "deletion of the account": Author.delete_account,
}
RETURNS: dict[str, tuple[Callable[[Author], None], Callable[[Author], None]]] = {
    "private": (Author.go_private, lambda author: author.set_private(private=False)),
    "in the bin": (Author.delete_photo, Author.restore_photo),
}


def looks(path: str, tag: str) -> list[tuple[str, dict[str, str]]]:
    """Return the ways to ask for a picture of which one may have a copy: method and headers."""
    return [
        ("GET", {}),
        ("HEAD", {}),
        ("GET", {"If-None-Match": tag}),
        ("GET", {"If-None-Match": f'"{path.rpartition("/")[2]}"'}),
        ("GET", {"If-None-Match": "*"}),
        ("GET", {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}),
        ("GET", {"Range": "bytes=0-3"}),
        ("GET", {"Range": "bytes=99999999-"}),
        ("GET", {"Range": "bytes=0-3", "If-Range": tag}),
    ]


def assert_hidden(answer: httpx.Response) -> None:
    """Fail if an answer shows a picture, or anything about one."""
    assert answer.status_code == 404, answer.request.headers
    assert b"WEBP" not in answer.content[:12]
    told = {"etag", "content-range", "last-modified", "x-accel-redirect"} & answer.headers.keys()
    assert told == set()
    assert "immutable" not in answer.headers.get("cache-control", "")


@pytest.mark.parametrize("act", HIDING)
@pytest.mark.parametrize("stage", STAGES)
def test_what_is_hidden_is_hidden_at_every_door(stage: int, stages: Stages, act: str) -> None:
    cluster = stages.get(stage)
    with author_on(cluster) as author, doors(cluster) as clients:
        path = author.path
        for client in clients.values():
            # Twice: asked about, and sent by its link.
            assert [client.get(path).status_code for _ in range(2)] == [200, 200]
        tag = clients["front"].get(path).headers["etag"]
        assert clients["front"].get(path, headers={"If-None-Match": tag}).status_code == 304
        HIDING[act](author)
        for client in clients.values():
            for method, headers in looks(path, tag):
                assert_hidden(client.request(method, path, headers=headers))
        if act == "going private":
            own = clients["front"].get(path, headers=author.token)
            assert own.status_code == 200
            assert own.headers["cache-control"] == "private, no-cache"
            again = author.token | {"If-None-Match": own.headers["etag"]}
            assert clients["front"].get(path, headers=again).status_code == 304


@pytest.mark.parametrize("hidden", RETURNS)
@pytest.mark.parametrize("stage", STAGES)
def test_what_was_shown_again_is_sent_again(stage: int, stages: Stages, hidden: str) -> None:
    cluster = stages.get(stage)
    hide, show = RETURNS[hidden]
    with author_on(cluster) as author, doors(cluster) as clients:
        assert clients["front"].get(author.path).status_code == 200
        hide(author)
        assert_hidden(clients["front"].get(author.path))
        show(author)
        statuses = {name: client.get(author.path).status_code for name, client in clients.items()}
        assert set(statuses.values()) == {200}


@pytest.mark.parametrize("stage", STAGES)
def test_neither_originals_nor_drafts_are_at_any_address(stage: int, stages: Stages) -> None:
    cluster = stages.get(stage)
    media = cluster.layout.site / "media"
    with author_on(cluster) as author, doors(cluster) as clients:
        clients["front"].get(author.path)
        code = author.path.split("/")[3]
        before = stored(media)
        photo = f"Photo.objects.get(pk={author.photo['id']})"
        original = author.ask(f"from photos.models import Photo; print({photo}.original)")
        draft = encode(int(author.send_draft()))
        names = {original, *(stored(media) - before)}
        assert original in before
        assert len(names) > 1
        for name in names:
            file = name.rpartition("/")[2]
            for path in (
                f"/media/{name}",
                f"/media/photos/{code}/{file}",
                f"/media/photos/{draft}/{file}",
                f"/media/photos/{code}/../../../{name}",
                f"/media/photos/{code}/%2e%2e/%2e%2e/%2e%2e/{name}",
                f"/protected/{name}",
                f"/public/media/photos/{code}/{file}",
            ):
                for client in clients.values():
                    for headers in ({}, author.token):
                        assert client.get(path, headers=headers).status_code in {400, 404}, path


def stored(media: Path) -> set[str]:
    """Return the storage names of all files, links left out."""
    files = (path for path in media.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(media)) for path in files}
