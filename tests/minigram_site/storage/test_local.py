"""When a picture cannot be written: nothing half-done is left, and people get a sentence."""

from __future__ import annotations

import errno
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage

from accounts.models import User, UserStats
from minigram_site.storage import StorageFull, StorageUnavailable
from photos.models import Photo
from tests.factories import upload

pytestmark = pytest.mark.django_db(transaction=True)
As = Callable[[User | None], Any]
FAULTS: dict[int, type[StorageUnavailable]] = {
    errno.ENOSPC: StorageFull,
    errno.EDQUOT: StorageFull,
    errno.EIO: StorageUnavailable,
    errno.EACCES: StorageUnavailable,
}


def files_in(folder: Path) -> list[Path]:
    """Return every file below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


def failing_at(number: int, code: int) -> Callable[..., str]:
    """Return a way to save that fails at the n-th file, as a disk does."""
    save, calls = FileSystemStorage._save, iter(range(1, 100))  # type: ignore[attr-defined]

    def _save(self: FileSystemStorage, name: str, content: Any) -> str:
        saved = str(save(self, name, content))
        if next(calls) == number:
            raise OSError(code, os.strerror(code))
        return saved

    return _save


@pytest.fixture(params=[1, 2], ids=["first file", "second file"])
def break_disk(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[[int], None]:
    """Return a function that lets the disk fail, with this error, at some file of an upload."""

    def breaks(fault: int) -> None:
        monkeypatch.setattr(FileSystemStorage, "_save", failing_at(request.param, fault))

    return breaks


def assert_nothing_is_left(author: User, folder: Path) -> None:
    """Neither a row, nor a file, nor a count tells of the upload."""
    assert not Photo.objects.exists()
    assert UserStats.objects.get(user=author).photo_count == 0
    assert files_in(folder) == []


@pytest.mark.parametrize("kind", FAULTS)
def test_the_api_tells_of_a_failing_disk_and_keeps_nothing(
    break_disk: Callable[[int], None], own_media_folder: Path, api_as: As, alice: User, kind: int
) -> None:
    break_disk(kind)
    response = api_as(alice).post("/api/v1/photos/", {"image": upload()}, format="multipart")
    expected = FAULTS[kind]
    assert (response.status_code, response.json()["code"]) == (expected.status, expected.code)
    assert ("Retry-After" in response.headers) == (expected is StorageUnavailable)
    assert_nothing_is_left(alice, own_media_folder)


@pytest.mark.parametrize("kind", FAULTS)
def test_a_page_tells_of_a_failing_disk_and_keeps_nothing(
    break_disk: Callable[[int], None],
    own_media_folder: Path,
    browser_as: As,
    alice: User,
    kind: int,
) -> None:
    break_disk(kind)
    response = browser_as(alice).post("/upload/", {"image": upload()})
    assert response.status_code == FAULTS[kind].status
    assert str(FAULTS[kind].sentence) in response.content.decode()
    assert_nothing_is_left(alice, own_media_folder)


def test_the_same_request_succeeds_when_there_is_room_again(
    monkeypatch: pytest.MonkeyPatch, api_as: As, alice: User
) -> None:
    client, key = api_as(alice), {"Idempotency-Key": "one"}
    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "_save", failing_at(1, errno.ENOSPC))
        first = client.post("/api/v1/photos/", {"image": upload()}, format="multipart", headers=key)
    again = client.post("/api/v1/photos/", {"image": upload()}, format="multipart", headers=key)
    assert (first.status_code, again.status_code) == (507, 201)


@pytest.fixture
def small_disk(own_media_folder: Path) -> Iterator[Path]:
    """Keep pictures on a file system with room for 16 KB."""
    own_media_folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(own_media_folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small file system, and not in every container")
    try:
        yield own_media_folder
    finally:
        subprocess.run(["umount", str(own_media_folder)], check=True)


def test_a_disk_that_is_really_full_is_said_to_be(
    small_disk: Path, api_as: As, alice: User
) -> None:
    (small_disk / "others").write_bytes(b"x" * 12_000)
    response = api_as(alice).post("/api/v1/photos/", {"image": upload()}, format="multipart")
    assert (response.status_code, response.json()["code"]) == (507, "storage_full")
    assert not Photo.objects.exists()
    assert files_in(small_disk) == [small_disk / "others"]


@pytest.fixture(params=["the copy", "the decoder's files"])
def full_temporary_folder(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    """Keep temporary files on a file system without room for them."""
    size = {"the copy": "4k", "the decoder's files": "8k"}[request.param]
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(tmp_path)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small file system, and not in every container")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.usefixtures("full_temporary_folder")
def test_a_full_temporary_folder_is_a_full_disk(
    own_media_folder: Path, api_as: As, browser_as: As, alice: User
) -> None:
    response = api_as(alice).post("/api/v1/photos/", {"image": upload()}, format="multipart")
    assert (response.status_code, response.json()["code"]) == (507, "storage_full")
    page = browser_as(alice).post("/upload/", {"image": upload()})
    assert page.status_code == 507
    assert_nothing_is_left(alice, own_media_folder)
