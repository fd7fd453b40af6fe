"""Parts in storage, which are read as one file; of a bucket each is fetched once."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.test import override_settings

from accounts.models import User
from minigram_site.storage import StorageFull
from social.portable import jobs
from social.portable.jobs import parts
from social.portable.models import ImportPart
from tests.factories import picture
from tests.social.portable.sending import send, zipped

BUCKET = f"{__name__}.Bucket"


class Bucket(FileSystemStorage):
    """A storage whose files have no place on this machine, as one in a bucket."""

    opened: list[str] = []

    def signed_url(self, name: str, **headers: str) -> str:
        """Return where a browser would get it."""
        return f"https://bucket.example.org/{name}"

    def _open(self, name: str, mode: str = "rb") -> Any:
        self.opened.append(name)
        return super()._open(name, mode)  # type: ignore[misc]


@pytest.fixture
def bucket(settings: Any, tmp_path: Path) -> Any:
    """Have the site's files in a bucket, and a data folder of its own."""
    settings.DATA_DIR = tmp_path / "data"
    Bucket.opened.clear()
    storages = {**settings.STORAGES, "default": {"BACKEND": BUCKET}}
    with override_settings(STORAGES=storages):
        yield Bucket


def saved(content: bytes, size: int) -> list[str]:
    return [parts.save(BytesIO(content[at : at + size])) for at in range(0, len(content), size)]


def test_they_are_read_as_the_file_they_were(own_media_folder: Path) -> None:
    content = bytes(number % 251 for number in range(1000))
    names = saved(content, 64)
    with parts.opened(names, 64, 1000) as file:
        assert file.read() == content
        file.seek(-10, 2)
        assert file.read(100) == content[-10:]
        file.seek(60)
        assert (file.read(8), file.tell()) == (content[60:68], 68)
        assert file.seek(2000) == 2000
        assert file.read(1) == b""
        with pytest.raises(OSError, match="before the beginning"):
            parts.PartsFile(names, 64, 1000).seek(-1)


def test_an_archive_is_read_from_its_parts(own_media_folder: Path) -> None:
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", "x" * 5000)
        archive.writestr("b.jpg", picture())
    content = whole.getvalue()
    with (
        parts.opened(saved(content, 100), 100, len(content)) as file,
        zipfile.ZipFile(file) as archive,
    ):
        assert archive.read("b.jpg") == picture()
        assert archive.read("a.txt") == b"x" * 5000


def test_names_in_storage_cannot_be_guessed(own_media_folder: Path) -> None:
    names = saved(b"twice the same" * 2, 14)
    assert len(set(names)) == 2
    assert all(len(Path(name).stem) == 64 for name in names)


@pytest.mark.django_db(transaction=True)
def test_of_a_bucket_each_part_is_fetched_once_and_the_copies_go(
    alice: User, tmp_path: Path, bucket: Any, small_parts: None, by_worker: None, settings: Any
) -> None:
    content = zipped(tmp_path, **{"originals/7-1.jpg": picture()})
    send(alice, content)
    assert jobs.work()
    names = set(ImportPart.objects.values_list("file", flat=True))
    fetched = [name for name in bucket.opened if name in names]
    assert len(fetched) == len(set(fetched)) > 1
    copies = settings.DATA_DIR / parts.COPIES
    assert len(list(copies.iterdir())) == len(fetched)
    assert jobs.start(owner=alice).state == "importing"
    assert jobs.work()
    assert [name for name in bucket.opened if name in names].count(fetched[0]) == 1
    assert list(copies.iterdir()) == []
    assert not any(default_storage.exists(name) for name in names)


@pytest.mark.django_db(transaction=True)
def test_a_machine_without_room_for_copies_says_so(
    alice: User, tmp_path: Path, bucket: Any, by_worker: None, monkeypatch: Any
) -> None:
    job = send(alice, zipped(tmp_path))
    monkeypatch.setattr(parts, "RESERVE", 2**62)
    assert jobs.work()
    job.refresh_from_db()
    assert (job.state, job.reason) == ("failed", "no_room")


@pytest.mark.usefixtures("bucket")
def test_copies_that_no_import_knows_go_after_a_day(
    db: None, monkeypatch: Any, settings: Any
) -> None:
    names = saved(b"left", 4)
    with parts.opened(names, 4, 4) as file:
        assert file.read() == b"left"
    copies = settings.DATA_DIR / parts.COPIES
    parts.delete_unknown()
    assert len(list(copies.iterdir())) == 1
    monkeypatch.setattr(parts, "SETTLED", -parts.SETTLED)
    parts.delete_unknown()
    assert list(copies.iterdir()) == []


def test_no_room_for_what_would_leave_none(monkeypatch: Any, own_media_folder: Path) -> None:
    parts.require_room(1)
    monkeypatch.setattr(parts, "RESERVE", 2**62)
    with pytest.raises(StorageFull):
        parts.require_room(1)
