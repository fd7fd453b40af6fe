"""The two health addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.test import Client

from minigram_site.storage.static_files import HashedStaticFiles
from minigram_site.web import health

PARTS = ("database", "cache", "storage", "static")


def test_alive_needs_no_database(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}


@pytest.mark.django_db
def test_ready_when_everything_works(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["checks"] == dict.fromkeys(PARTS, "ok")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("part", "target", "method", "error"),
    [
        ("cache", cache, "set", ConnectionError),
        ("storage", default_storage, "exists", OSError),
    ],
)
def test_what_does_not_work_is_named(
    client: Client, part: str, target: object, method: str, error: type[Exception]
) -> None:
    with patch.object(type(target), method, side_effect=error, create=True):
        response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"][part] == "unreachable"


@pytest.mark.django_db
def test_a_disk_without_room_for_an_upload_is_named(client: Client, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 2**62
    response = client.get("/readyz")
    assert (response.status_code, response.json()["checks"]["storage"]) == (503, "full")


def test_a_database_that_is_gone_is_named(client: Client) -> None:
    with patch("minigram_site.web.health.MigrationExecutor", side_effect=OperationalError):
        response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["database"] == "unreachable"


@pytest.mark.django_db
def test_pages_whose_style_sheets_were_not_collected_are_named(
    client: Client, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STATIC_ROOT = tmp_path
    files = HashedStaticFiles()
    monkeypatch.setattr(health, "staticfiles_storage", files)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["checks"]["static"]) == (503, "not collected")
    # One that was added since is as bad as all of them.
    files.hashed_files = {files.hash_key(name): name for name in files.uncollected()[1:]}
    files._uncollected = None
    assert client.get("/readyz").status_code == 503
    assert len(files.uncollected()) == 1
