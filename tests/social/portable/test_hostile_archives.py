"""Archives that no honest exporter makes are refused whole, with a sentence for each kind."""

from __future__ import annotations

import stat
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import pytest

from social.portable.importing import ArchiveRefused, open_archives, reading


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
