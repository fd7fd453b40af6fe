"""A ZIP file that goes on after a kill."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from social.portable.export.archive_file import ArchiveFile, journal_of, remove

NOW = datetime(2026, 3, 1, 12, 30, 8, tzinfo=UTC)


def add(archive: ArchiveFile, **contents: bytes) -> None:
    for name, content in contents.items():
        archive.add(name, BytesIO(content), NOW)


class Broken(BytesIO):
    """A file that cannot be read to its end."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return some of it, and then raise ``OSError``."""
        if self.tell():
            raise OSError("gone")
        return super().read(10)


def test_what_is_added_is_read_back_with_its_time(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with ArchiveFile(path) as archive:
        add(archive, one=b"1" * 5000)
        with archive.opened("two", NOW) as entry:
            entry.write(b"2" * 5000)
        assert archive.finish() == path.stat().st_size
    with zipfile.ZipFile(path) as read:
        assert read.testzip() is None
        assert read.read("one") == b"1" * 5000
        assert [info.compress_type for info in read.infolist()] == [0, 8]
        assert read.getinfo("one").date_time == (2026, 3, 1, 12, 30, 8)


@pytest.mark.parametrize("left", ["nothing", "half an entry", "half a line", "a lost entry"])
def test_a_killed_process_costs_the_entry_it_was_writing(tmp_path: Path, left: str) -> None:
    path = tmp_path / "a.zip"
    with ArchiveFile(path) as archive:
        add(archive, one=b"1", two=b"2")
    if left == "half an entry":
        with path.open("ab") as file:
            file.write(b"PK\x03\x04 half")
    elif left == "half a line":
        journal = journal_of(path)
        journal.write_bytes(journal.read_bytes()[:-9])
    elif left == "a lost entry":
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size - 1)
    with ArchiveFile(path) as archive:
        assert archive.was_resumed
        whole = {"one", "two"} if left in {"nothing", "half an entry"} else {"one"}
        assert archive.names == whole
        add(archive, three=b"3")
        archive.finish()
    with zipfile.ZipFile(path) as read:
        assert read.testzip() is None
        assert {name: read.read(name) for name in read.namelist()} == {
            name: content
            for name, content in {"one": b"1", "two": b"2", "three": b"3"}.items()
            if name in {*whole, "three"}
        }


def test_an_entry_that_fails_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with ArchiveFile(path) as archive:
        add(archive, one=b"1")
        with pytest.raises(OSError, match="gone"):
            archive.add("two", Broken(b"2" * 5000), NOW)
        add(archive, three=b"3")
        archive.finish()
    with zipfile.ZipFile(path) as read:
        assert read.testzip() is None
        assert read.namelist() == ["one", "three"]


def test_archives_beyond_four_gigabytes_are_written_in_the_form_for_them(
    tmp_path: Path, monkeypatch: Any
) -> None:
    """The limits are lowered: no test writes as much."""
    path = tmp_path / "a.zip"
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 5000)
    for names in (("one",), ("two",)):
        with ArchiveFile(path) as archive:
            add(archive, **dict.fromkeys(names, b"x" * 6000))
            size = archive.finish() if names == ("two",) else 0
    monkeypatch.undo()
    assert size > 12_000
    assert b"PK\x06\x06" in path.read_bytes()
    with zipfile.ZipFile(path) as read:
        assert read.testzip() is None
        assert read.namelist() == ["one", "two"]


def test_both_files_are_deleted(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with ArchiveFile(path) as archive:
        add(archive, one=b"1")
    remove(path)
    remove(path)
    assert list(tmp_path.iterdir()) == []
