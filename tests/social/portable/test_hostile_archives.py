"""Archives that no honest exporter makes are refused whole, with a sentence for each kind."""

from __future__ import annotations

import stat
import unicodedata
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from minigram_site.storage import StorageUnavailable
from social.portable.importing import ArchiveRefused, open_archives, open_sent, reading


def opened(path: Path) -> list[str]:
    with open_archives([path]) as archive:
        return archive.names


@pytest.mark.parametrize(
    "name", ["../up.jpg", "a/../../up.jpg", "/etc/up.jpg", "C:/up.jpg", "..\\up.jpg", "a\nb.jpg"]
)
def test_a_name_that_leads_elsewhere(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("fine.jpg", "x")
        archive.writestr(zipfile.ZipInfo(name), "x")
    with pytest.raises(ArchiveRefused, match="leads out of it") as error:
        opened(path)
    assert error.value.code == "unsafe_name"
    assert "\n" not in str(error.value)


def test_a_name_that_goes_on_behind_a_zero_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("aaaa.jpg", "x")
    path.write_bytes(path.read_bytes().replace(b"aaaa.jpg", b"a\0aa.jpg"))
    with pytest.raises(ArchiveRefused, match="leads out of it"):
        opened(path)


def test_a_link(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    info = zipfile.ZipInfo("link.jpg")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, "/etc/hostname")
    with pytest.raises(ArchiveRefused, match=r"a link instead of a file: link\.jpg"):
        opened(path)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link.jpg").symlink_to("/etc/hostname")
    with pytest.raises(ArchiveRefused, match=r"a link instead of a file: link\.jpg"):
        opened(folder)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("other", ["é.jpg", unicodedata.normalize("NFD", "é.jpg")])
def test_two_files_of_one_name(tmp_path: Path, other: str) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("é.jpg", "x")
        archive.writestr(other, "y")
    with pytest.raises(ArchiveRefused, match="two files of one name"):
        opened(path)


def test_a_file_that_is_far_larger_unpacked(tmp_path: Path, monkeypatch: Any) -> None:
    """The limit is lowered: no test packs as much."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.jpg", bytes(300_000))
    assert opened(path) == ["zeros.jpg"]
    monkeypatch.setattr(reading, "RATIO_FROM", 200_000)
    with pytest.raises(ArchiveRefused, match="far larger unpacked"):
        opened(path)


def test_a_file_that_says_it_is_smaller_than_it_is(tmp_path: Path) -> None:
    """No more is unpacked than it says; what it holds does not fit its sum then."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.jpg", bytes(300_000))
    size = (300_000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (1000).to_bytes(4, "little")))
    with open_archives([path]) as archive:
        with pytest.raises(ArchiveRefused, match="can’t be read"):
            archive.text("zeros.jpg")
        with pytest.raises(ArchiveRefused, match="can’t be read"), archive.spooled("zeros.jpg"):
            pytest.fail("It was unpacked.")


def test_too_many_files(tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(3):
            archive.writestr(str(number), "x")
    monkeypatch.setattr(reading, "MAX_ENTRIES", 2)
    with pytest.raises(ArchiveRefused, match="too many files"):
        opened(path)


def test_entries_that_lie_one_over_the_other(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one", "x" * 5000)
        info = archive.getinfo("one")
        for number in range(3):
            other = zipfile.ZipInfo(f"other{number}")
            for name in ("CRC", "compress_size", "file_size", "header_offset"):
                setattr(other, name, getattr(info, name))
            archive.filelist.append(other)
    with pytest.raises(ArchiveRefused, match="far larger unpacked"):
        opened(path)


def test_one_that_is_locked_or_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one", "x" * 5000)
    content = bytearray(path.read_bytes())
    content[content.rfind(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(ArchiveRefused, match="locked with a password"):
        opened(path)
    (tmp_path / "b.zip").write_bytes(bytes(content[:3000]))
    with pytest.raises(ArchiveRefused, match="neither a ZIP file nor a folder"):
        opened(tmp_path / "b.zip")


@pytest.mark.parametrize("data", [b"{", b"\xff\xfe", b"[" * 5000, b""])
def test_data_that_is_none(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", data)
    with (
        open_archives([path]) as archive,
        pytest.raises(ArchiveRefused, match=r"can’t be read: a\.json"),
    ):
        archive.json("a.json")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packed_in_a_way_that_cannot_be_unpacked_in_pieces(tmp_path: Path, method: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.jpg", "x" * 500)
    with pytest.raises(ArchiveRefused, match="packed in a way") as error:
        opened(path)
    assert error.value.code == "method"


def sent(path: Path) -> list[str]:
    with path.open("rb") as content, open_sent(content, path.stat().st_size) as archive:
        return [name for name in archive.names if archive.text(name)]


def test_a_list_of_entries_that_is_longer_than_memory_is_for(
    tmp_path: Path, monkeypatch: Any
) -> None:
    """The limit is lowered: no test makes a list as long."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20):
            archive.writestr(f"{number:03}.jpg", "x")
    assert len(sent(path)) == 20
    # Each entry has 46 bytes and its name in that list.
    monkeypatch.setattr(reading, "MAX_SENT_PIECE", 20 * (46 + 7) - 1)
    with pytest.raises(ArchiveRefused, match="too many files"):
        sent(path)


def test_a_file_of_data_that_is_longer_than_memory_is_for(tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("posts.json", " " * 10_000)
    assert sent(path) == ["posts.json"]
    monkeypatch.setattr(reading, "MAX_SENT_JSON", 9_999)
    with pytest.raises(ArchiveRefused, match=r"can’t be read: posts\.json"):
        sent(path)
    assert opened(path) == ["posts.json"]


def test_one_that_was_sent_is_a_zip_file_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("This is text.")
    with pytest.raises(ArchiveRefused, match="isn’t a ZIP file"):
        sent(path)


def test_a_storage_that_fails_is_no_fault_of_the_archive(tmp_path: Path) -> None:
    class Away(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise StorageUnavailable("The bucket does not answer.")

    with pytest.raises(StorageUnavailable), open_sent(Away(bytes(1000)), 1000):
        pytest.fail("It was opened.")
