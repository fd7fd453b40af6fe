"""Files are written whole; what an owner has edited stays, and that is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.setup.files import Change, Record, Wanted, apply, changes
from infra.setup.layout import Layout


def write(folder: Path, text: str, *, overwrite: bool = False) -> list[str]:
    """Let setup keep one file with this text; return what it says."""
    record = Record(Layout(folder))
    wanted = Wanted(folder / "unit", text, mode=0o640)
    found = changes([wanted], record, overwrite=overwrite)
    said = [apply(change, overwrite=overwrite) for change in found]
    if not found or overwrite or not found[0].is_edited:
        record.add({wanted.path: text})
    return said


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder in which setup has written a file."""
    assert write(tmp_path, "one") == [""]
    return tmp_path


def test_a_file_is_written_once_and_anew_when_it_changes(folder: Path) -> None:
    assert (folder / "unit").stat().st_mode & 0o777 == 0o640
    assert write(folder, "one") == []
    assert write(folder, "two") == [""]
    assert (folder / "unit").read_text() == "two"


def test_an_edited_file_stays_and_what_it_would_be_lies_beside_it(folder: Path) -> None:
    (folder / "unit").write_text("mine")
    # Nothing new is wanted: it is the owner's.
    assert write(folder, "one") == []
    said = write(folder, "two")
    assert "was left so" in said[0]
    assert (folder / "unit").read_text() == "mine"
    assert (folder / "unit.setup-new").read_text() == "two"


def test_overwriting_keeps_the_edited_one(folder: Path) -> None:
    (folder / "unit").write_text("mine")
    assert "unit.orig" in write(folder, "one", overwrite=True)[0]
    assert (folder / "unit").read_text() == "one"
    assert (folder / "unit.orig").read_text() == "mine"


def test_a_file_that_was_there_before_is_an_edited_one(tmp_path: Path) -> None:
    (tmp_path / "unit").write_text("of another package")
    assert "was left so" in write(tmp_path, "one")[0]


def test_a_mode_that_is_too_open_is_set_right(folder: Path) -> None:
    (folder / "unit").chmod(0o666)
    assert write(folder, "one") == [""]
    assert (folder / "unit").stat().st_mode & 0o777 == 0o640


def test_no_other_user_can_read_a_file_while_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def look(descriptor: int) -> None:
        seen.extend(path.stat().st_mode & 0o777 for path in tmp_path.glob(".unit.*"))

    monkeypatch.setattr("infra.setup.files.os.fchmod", lambda number, _: look(number))
    apply(Change(Wanted(tmp_path / "unit", "secret"), None, is_edited=False), overwrite=False)
    assert seen == [0o600]
