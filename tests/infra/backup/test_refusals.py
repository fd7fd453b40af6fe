"""A restore refuses in words, before anything is changed, what could not be right afterwards."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connection

from accounts.models import User
from infra.backup import dumps, last, manifest
from infra.backup.errors import BackupError
from infra.backup.places import open_place
from tests.factories import make_user
from tests.infra.backup.conftest import files, lose, run


def change_manifest(place: Path, **values: Any) -> None:
    """Change the manifest of the one backup in a place, checksum included."""
    (path,) = place.glob("backups/*/manifest.json")
    changed = json.loads(path.read_text()) | values
    del changed["checksum"]
    path.write_text(json.dumps(changed | {"checksum": manifest._checksum(changed)}))


def cut_off_a_picture(place: Path) -> None:
    path = next(path for path in (place / "media").rglob("*") if path.is_file())
    path.write_bytes(path.read_bytes()[:-1])


def change_a_picture(place: Path) -> None:
    path = next(path for path in (place / "media").rglob("*") if path.is_file())
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def cut_off_the_manifest(place: Path) -> None:
    (path,) = place.glob("backups/*/manifest.json")
    path.write_text(path.read_text()[:-100])


def change_the_database(place: Path) -> None:
    (path,) = place.glob("backups/*/database")
    path.write_bytes(path.read_bytes()[:-1] + b"x")


OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (cut_off_a_picture, "cut off"),
        (change_a_picture, "damaged"),
        (cut_off_the_manifest, "manifest of .* is damaged"),
        (change_the_database, "damaged"),
        (lambda place: change_manifest(place, server="99.1"), "update the server first"),
        (lambda place: change_manifest(place, key="another"), "SECRET_KEY"),
        (lambda place: change_manifest(place, vendor=OTHER[connection.vendor]), "copy_site"),
        (
            lambda place: change_manifest(place, migrations=[["photos", "0099_later"]]),
            "does not know.*update first",
        ),
        (lambda place: change_manifest(place, format=2), "newer code"),
        (lambda _: make_user("somebody"), "not empty: there are rows"),
    ],
)
def test_what_cannot_be_right_is_refused_and_the_site_stays_empty(
    site: None,
    own_media_folder: Path,
    tmp_path: Path,
    spoil: Callable[[Path], object],
    sentence: str,
) -> None:
    place = tmp_path / "place"
    run("backup", place)
    lose(own_media_folder)
    spoil(place)
    with pytest.raises(CommandError, match=sentence):
        run("restore", place)
    assert not User.objects.exclude(username="somebody").exists()


def test_a_media_folder_with_other_pictures_is_refused(
    site: None, own_media_folder: Path, tmp_path: Path
) -> None:
    run("backup", tmp_path / "place")
    lose(own_media_folder)
    (own_media_folder / "strange").mkdir(parents=True)
    (own_media_folder / "strange" / "file").write_text("mine")
    with pytest.raises(CommandError, match="strange/file"):
        run("restore", tmp_path / "place")
    assert files(own_media_folder) == {"strange/file": b"mine"}


def test_a_restore_that_was_broken_off_goes_on(
    site: None, own_media_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("backup", tmp_path / "place")
    pictures = files(own_media_folder)
    lose(own_media_folder)

    def fail(_: Path) -> None:
        raise BackupError("the power failed")

    with monkeypatch.context() as broken:
        broken.setattr(dumps, "load", fail)
        with pytest.raises(CommandError, match="power"):
            run("restore", tmp_path / "place")
    assert not User.objects.exists()
    run("restore", tmp_path / "place")
    assert User.objects.count() == 2
    assert files(own_media_folder) == pictures


def test_a_place_that_is_none_is_named(tmp_path: Path, own_media_folder: Path) -> None:
    for address, sentence in (
        (tmp_path / "nowhere", "no backup in"),
        ("s3://key:topsecret@host", "must be a folder or look like s3://"),
    ):
        with pytest.raises(CommandError, match=sentence) as caught:
            run("restore", address)
        assert "topsecret" not in str(caught.value)
    with pytest.raises(CommandError, match="lies in MEDIA_ROOT"):
        run("backup", own_media_folder / "backups")


def test_a_backup_that_fails_leaves_the_earlier_one_and_its_age(
    site: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "place"
    run("backup", place)
    made_at, before = last.made_at(), manifest.moments(open_place(str(place)))
    with monkeypatch.context() as broken:
        broken.setattr(manifest, "write", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(CommandError, match="disk full"):
            run("backup", place)
    assert manifest.moments(open_place(str(place))) == before
    assert last.made_at() == made_at
    # What it left is swept by the next.
    run("backup", place, "--keep=1")
    assert len(list((place / "backups").iterdir())) == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of files of SQLite")
def test_a_writer_cannot_spoil_a_snapshot_nor_hold_it_up(
    site: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = connection.settings_dict["NAME"]
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("CREATE TABLE written (id INTEGER PRIMARY KEY, text TEXT)")
    stop, committed = threading.Event(), [0]

    def write() -> None:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=20)) as database:
            while not stop.is_set():
                database.execute("INSERT INTO written (text) VALUES (hex(randomblob(500)))")
                committed[0] += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(10):
            least = committed[0]
            folder = tmp_path / str(number)
            folder.mkdir()
            with dumps.snapshot(folder), closing(sqlite3.connect(folder / "db.sqlite3")) as copy:
                dumps.refuse_damaged(copy)
                (count,) = copy.execute("SELECT count(*) FROM written").fetchone()
            assert count >= least
    finally:
        stop.set()
        thread.join()
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("DROP TABLE written")
    assert committed[0] > 10


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of files of SQLite")
def test_the_log_of_a_former_database_is_not_laid_over_the_restored_one(
    site: None, own_media_folder: Path, tmp_path: Path
) -> None:
    run("backup", tmp_path / "place")
    lose(own_media_folder)
    connection.close()
    path = Path(connection.settings_dict["NAME"])
    path.with_name(f"{path.name}-wal").write_bytes(b"of another database")
    run("restore", tmp_path / "place")
    assert User.objects.count() == 2


def test_a_secret_that_was_replaced_lately_is_good_enough(
    site: None, own_media_folder: Path, tmp_path: Path, settings: Any
) -> None:
    run("backup", tmp_path / "place")
    lose(own_media_folder)
    settings.SECRET_KEY, former = "n" * 60, settings.SECRET_KEY
    with pytest.raises(CommandError, match="SECRET_KEY"):
        run("restore", tmp_path / "place")
    settings.SECRET_KEY_FALLBACKS = [former]
    run("restore", tmp_path / "place")
    assert User.objects.count() == 2


def test_a_damaged_manifest_costs_no_later_backup(
    site: None, own_media_folder: Path, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    run("backup", place)
    run("backup", place)
    path = max(place.glob("backups/*/manifest.json"))
    path.write_text(path.read_text()[:-100])
    with pytest.raises(CommandError, match="is damaged"):
        run("backup", place)
    lose(own_media_folder)
    run("restore", place)
    assert User.objects.count() == 2
