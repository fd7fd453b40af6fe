"""The drill: a site is backed up, lost and restored, and no row and no byte is another."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError
from django.db import connection

from accounts.models import User
from infra.backup import dumps, making
from photos.models import Photo
from tests.factories import make_user, published, upload
from tests.infra.backup.conftest import files, lose, rows, run
from tests.minigram_site.storage.test_s3 import KEY, s3_service, use_storage

__all__ = ["s3_service"]


def test_everything_comes_back_as_it_was(
    site: None, own_media_folder: Path, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    said = run("backup", place)
    expected, pictures = rows(), files(own_media_folder)
    assert f"{len(pictures)} pictures" in said
    assert "is whole" in run("backup", place, "--verify")
    lose(own_media_folder)
    assert not User.objects.exists()
    run("restore", place)
    assert rows() == expected
    assert files(own_media_folder) == pictures
    # Ids go on above those that were restored.
    assert make_user("newcomer").pk


def test_only_new_pictures_are_copied_and_old_backups_go(
    site: None, own_media_folder: Path, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    run("backup", place)
    alice = User.objects.get(username="alice")
    gone = Photo.objects.order_by("pk")[0]
    names = gone.file_names
    published(author=alice, image=upload())
    said = run("backup", place)
    new = len(Photo.objects.order_by("-pk")[0].file_names)
    assert f"  {new} of {len(files(own_media_folder))} pictures copied" in said
    # A picture that was deleted is in no backup once those that had it are gone.
    before = len(files(place / "media"))
    Photo.objects.filter(pk=gone.pk).delete()
    for name in names:
        (own_media_folder / name).unlink()
    run("backup", place, "--keep=1")
    assert len(files(place / "media")) == before - len(names)
    assert len(list((place / "backups").iterdir())) == 1
    lose(own_media_folder)
    run("restore", place)
    assert not set(names) & files(own_media_folder).keys()


def during_the_dump(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> list[int]:
    """Act once between the copy of the pictures and the look at what was added; count the looks."""
    looks: list[int] = []
    copy_media = making.Backup.copy_media

    def acting(backup: making.Backup) -> set[str]:
        looks.append(1)
        if len(looks) == 2:
            act()
        return copy_media(backup)

    monkeypatch.setattr(making.Backup, "copy_media", acting)
    return looks


def elsewhere(act: Callable[[], None]) -> None:
    """Do something as another process would: over a connection of its own."""

    def run_and_close() -> None:
        act()
        connection.close()

    with ThreadPoolExecutor() as pool:
        pool.submit(run_and_close).result()


def test_a_picture_that_comes_and_goes_during_the_backup_leaves_no_row_without_bytes(
    site: None, own_media_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = User.objects.get(username="alice")
    snapshot = dumps.snapshot
    made: list[Photo] = []

    def publishing(folder: Path) -> Any:
        # After the pictures were listed, before the moment of the database: at first only.
        if not made:
            made.append(published(author=alice, image=upload()))
        return snapshot(folder)

    monkeypatch.setattr(dumps, "snapshot", publishing)

    def delete() -> None:
        names = made[0].file_names
        Photo.objects.filter(pk=made[0].pk).delete()
        for name in names:
            (own_media_folder / name).unlink()

    looks = during_the_dump(monkeypatch, lambda: elsewhere(delete))
    run("backup", tmp_path / "place")
    assert len(looks) == 3
    lose(own_media_folder)
    run("restore", tmp_path / "place")
    assert made[0].pk not in {photo.pk for photo in Photo.objects.all()}
    assert Photo.objects.count() == 3


def test_a_picture_that_was_lost_before_is_told_and_stops_nothing(
    site: None, own_media_folder: Path, tmp_path: Path
) -> None:
    name = Photo.objects.order_by("pk")[0].file_names[0]
    (own_media_folder / name).unlink()
    assert f"A row names the picture {name}, which is nowhere" in run("backup", tmp_path / "place")
    lose(own_media_folder)
    run("restore", tmp_path / "place")
    assert Photo.objects.count() == 3


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["age", "gpg"])
def test_an_encrypted_backup_needs_the_private_key(
    site: None, own_media_folder: Path, tmp_path: Path, request: pytest.FixtureRequest, tool: str
) -> None:
    recipient, identity = (make_age_key if tool == "age" else make_gpg_key)(tmp_path, request)
    place = tmp_path / "place"
    run("backup", place, f"--{tool}={recipient}")
    expected, pictures = rows(), files(own_media_folder)
    stored = b"".join(files(place).values())
    assert b"alice" not in stored
    assert not any(content in stored for content in pictures.values())
    assert not any(name.encode() in stored for name in pictures)
    assert " 0 of " in run("backup", place, f"--{tool}={recipient}")
    lose(own_media_folder)
    if tool == "age":
        with pytest.raises(CommandError, match="--identity"):
            run("restore", place)
    run("restore", place, *identity)
    assert rows() == expected
    assert files(own_media_folder) == pictures


def make_age_key(folder: Path, _: pytest.FixtureRequest) -> tuple[str, list[str]]:
    if not Path("/usr/bin/age").exists():
        pytest.skip("age is not installed")
    made = subprocess.run(
        ["age-keygen", "-o", str(folder / "key")], check=True, capture_output=True, text=True
    )
    return made.stderr.split()[-1], [f"--identity={folder / 'key'}"]


def make_gpg_key(folder: Path, request: pytest.FixtureRequest) -> tuple[str, list[str]]:
    home = folder / "gnupg"
    home.mkdir(mode=0o700)
    request.getfixturevalue("monkeypatch").setenv("GNUPGHOME", str(home))
    # gpg starts one, which would wait for more.
    end = ["gpgconf", "--homedir", str(home), "--kill", "gpg-agent"]
    request.addfinalizer(lambda: subprocess.run(end, check=True))
    batch = ["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key"]
    subprocess.run([*batch, "owner@example.org", "default", "default"], check=True)
    return "owner@example.org", []


@pytest.mark.slow
def test_pictures_and_backups_in_buckets_come_back_too(
    site: None,
    own_media_folder: Path,
    s3_service: str,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{s3_service}",
        region_name="us-east-1",
        aws_access_key_id=KEY,
        aws_secret_access_key="secret",
    )
    addresses = []
    for name in (f"kept-{os.getpid()}", f"place-{os.getpid()}"):
        client.create_bucket(Bucket=name)
        addresses.append(f"s3://{KEY}:secret@{s3_service}/{name}?secure=false")
    media, place = addresses
    pictures = files(own_media_folder)
    use_storage(media, settings, monkeypatch)
    for name, content in pictures.items():
        default_storage.save(name, ContentFile(content))
    said = run("backup", place)
    assert "secret" not in said
    assert "is whole" in run("backup", place, "--verify")
    expected = rows()
    lose(own_media_folder)
    for name in pictures:
        default_storage.delete(name)
    run("restore", place)
    assert rows() == expected
    for name, content in pictures.items():
        with default_storage.open(name) as file:
            assert file.read() == content
