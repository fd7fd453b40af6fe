"""Clients that generators make of the OpenAPI document go the whole way over a running site."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.factories import picture
from tests.openapi import document

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PASSWORD = "Quiet-lake-4711"
BIN = Path(sys.executable).parent


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Return the OpenAPI document as a file."""
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(document()))
    return file


@pytest.fixture
def address(live_server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Return the address of a running site, which no proxy stands before."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.syspath_prepend(str(tmp_path / "client"))
    return str(live_server.url)


def generated(*command: str | Path) -> None:
    """Run a generator, which has to succeed without a warning that leaves something out."""
    run = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "JAVA_OPTS": "-Xmx400m"},
    )
    assert run.returncode == 0, run.stdout + run.stderr


class OfPythonClient:
    """A client by openapi-python-client: one module for each operation."""

    def __init__(self, package: str, address: str) -> None:
        self.package = package
        self.address = address
        self.models = self.module("models")
        self.types = self.module("types")
        self.client = self.module("client").Client(base_url=address)

    def module(self, name: str) -> ModuleType:
        return importlib.import_module(f"{self.package}.{name}")

    def close(self) -> None:
        self.client.get_httpx_client().close()

    def log_in(self, tokens: Any) -> None:
        self.close()
        client = self.module("client").AuthenticatedClient
        self.client = client(base_url=self.address, token=tokens.access)

    def answer(self, operation: str, **arguments: Any) -> Any:
        """Return status and parsed answer of an operation, which has a name of its own."""
        tag = next(o["tags"][0] for o in _operations() if o["operationId"] == operation)
        module = self.module(f"api.{tag}.{operation}")
        response = module.sync_detailed(client=self.client, **arguments)
        return int(response.status_code), response.parsed

    def __call__(self, operation: str, **arguments: Any) -> Any:
        """Return what an operation that succeeds answers."""
        status, parsed = self.answer(operation, **arguments)
        assert status < 300, (operation, status, parsed)
        return parsed

    def file(self) -> Any:
        return self.types.File(BytesIO(picture()), "a.jpg", "image/jpeg")


def _sign_up(models: Any, name: str) -> Any:
    email = f"{name}@example.org"
    return models.SignUpRequest(username=name, email=email, password=PASSWORD)


def _operations() -> list[dict[str, Any]]:
    return [one for methods in document()["paths"].values() for one in methods.values()]


def test_openapi_python_client(
    written: Path, address: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    config = tmp_path / "config.json"
    # What the generator asks for where it does not know a type of files; no clean-up of code.
    kinds = dict.fromkeys(["image/*", "image/webp", "application/zip"], "application/octet-stream")
    config.write_text(json.dumps({"post_hooks": [], "content_type_overrides": kinds}))
    generated(
        *(BIN / "openapi-python-client", "generate", "--meta", "none", "--fail-on-warning"),
        *("--path", written, "--config", config, "--output-path", tmp_path / "client/of_python"),
    )
    ask = OfPythonClient("of_python", address)
    request.addfinalizer(ask.close)
    m = ask.models
    bob, ann = (ask("auth_register", body=_sign_up(m, name)) for name in ("Bob", "Ann"))
    assert (ann.user.username, bob.user.username) == ("ann", "bob")
    ask.log_in(ann)

    made = ask("photos_create", body=m.PhotoFileRequest(image=ask.file(), caption="From a file"))
    assert (made.state, made.author.username) == ("published", "ann")

    def upload() -> Any:
        body = m.MediaUploadRequest(image=ask.file(), alt_text="A gradient")
        return ask("media_create", body=body, idempotency_key="k")

    media = [upload(), upload()]
    assert media[0].id == media[1].id
    of_media = m.PhotoOfUploadsRequest(media_ids=[media[0].id], caption="From uploads")
    of_uploads = ask("photos_create_from_media", body=of_media)
    assert (of_uploads.state, of_uploads.alt_text) == ("published", "A gradient")

    assert ask("users_follow", username="bob").state == "following"
    page = ask("feed_list", limit=1)
    cursor = page.next_.partition("cursor=")[2].partition("&")[0]
    page.results += ask("feed_list", limit=1, cursor=cursor).results
    assert [one.id for one in page.results] == [of_uploads.id, made.id]
    likes = [ask(one, photo_id=made.id).like_count for one in ("photos_like", "photos_unlike")]
    text = m.NewCommentRequest(text="Nice.")
    written_one = ask("photos_comments_create", photo_id=made.id, body=text)
    assert ask("photos_comments_list", photo_id=made.id).results[0].id == written_one.id

    assert likes == [1, 0]
    assert ask("me_avatar_set", body=m.AvatarRequest(image=ask.file())).avatar.startswith("http")
    ask("me_avatar_delete")
    assert (
        ask("me_update", body=m.PatchedChangesRequest(website="a.org")).website == "https://a.org"
    )
    account = ask("me_update", body=m.PatchedChangesRequest(website="", language=""))
    assert (account.website, account.avatar) == ("", None)

    ask.log_in(ask("auth_token_refresh", body=m.RefreshRequest(ann.refresh)))
    ask("photos_delete", photo_id=made.id)
    assert ask.answer("photos_get", photo_id=made.id)[1].code == "not_found"
    problem = ask.answer("me_albums_create", body=m.NewAlbumRequest(title=""))[1]
    assert (problem.status, problem.errors["title"][0].code) == (400, "blank")
    assert [one.id for one in ask("users_photos_list", username="ann").results] == [of_uploads.id]


@pytest.mark.skipif(shutil.which("java") is None, reason="Java is not installed")
def test_openapi_generator(
    written: Path, address: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    generated(
        *(BIN / "openapi-generator-cli", "generate", "-g", "python", "-i", written),
        *("--package-name", "of_generator", "-o", tmp_path / "client"),
        *("--global-property", "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"),
    )
    api = importlib.import_module("of_generator")
    site = api.ApiClient(api.Configuration(host=address))
    request.addfinalizer(site.rest_client.pool_manager.clear)
    auth, me, photos = api.AuthApi(site), api.MeApi(site), api.PhotosApi(site)
    for name in ("Bob", "Ann"):
        ann = auth.auth_register(_sign_up(api, name))
    site.configuration.access_token = ann.access

    made = photos.photos_create(("a.jpg", picture()), caption="From a file")
    assert (made.state, made.author.username) == ("published", "ann")
    uploads = api.UploadsApi(site)
    media = [
        uploads.media_create(("a.jpg", picture()), alt_text="A gradient", idempotency_key="k")
        for _ in range(2)
    ]
    assert media[0].id == media[1].id
    body = api.PhotoOfUploadsRequest(media_ids=[media[0].id], caption="From uploads")
    of_uploads = photos.photos_create_from_media(body)
    assert (of_uploads.state, of_uploads.alt_text) == ("published", "A gradient")

    assert api.PeopleApi(site).users_follow("bob").state == "following"
    page = photos.feed_list(limit=1)
    second = photos.feed_list(limit=1, cursor=page.next.partition("cursor=")[2].partition("&")[0])
    assert [one.id for one in (*page.results, *second.results)] == [of_uploads.id, made.id]
    assert photos.photos_like(made.id).like_count == 1
    assert photos.photos_unlike(made.id).like_count == 0
    comments = api.CommentsApi(site)
    comment = comments.photos_comments_create(made.id, api.NewCommentRequest(text="Nice."))
    assert comments.photos_comments_list(made.id).results[0].id == comment.id

    assert me.me_avatar_set(("a.jpg", picture())).avatar.startswith("http")
    me.me_avatar_delete()
    changes = api.PatchedChangesRequest(website="example.org", language="de")
    assert me.me_update(changes).website == "https://example.org"
    account = me.me_update(api.PatchedChangesRequest(website="", language=""))
    assert (account.website, account.avatar) == ("", None)

    site.configuration.access_token = auth.auth_token_refresh(
        api.RefreshRequest(refresh=ann.refresh)
    ).access
    photos.photos_delete(made.id)
    with pytest.raises(api.exceptions.NotFoundException) as missing:
        photos.photos_get(made.id)
    assert missing.value.data.code == "not_found"
    left = api.PeopleApi(site).users_photos_list("ann").results
    assert [one.id for one in left] == [of_uploads.id]
