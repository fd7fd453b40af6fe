"""``manage.py check_media`` finds files without rows and rows without files."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from accounts.models import User
from social.profiles import change_avatar
from social.publishing.tasks import upload as send
from tests.factories import published, upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site_with_files(alice: User) -> User:
    """Return a person with a photo, an avatar and an upload."""
    published(author=alice, image=upload())
    change_avatar(user=alice, image=upload())
    send(owner=alice, image=upload())
    return alice


def stray(folder: Path, *, hours: float) -> Path:
    """Leave a file that no row knows, written some hours ago."""
    path = folder / "renditions" / "aa" / "bb" / "stray.webp"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    then = time.time() - hours * 3600
    os.utime(path, (then, then))
    return path


@pytest.mark.usefixtures("site_with_files")
def test_a_site_in_order_passes(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_media")
    assert "No row" not in capsys.readouterr().out


@pytest.mark.usefixtures("site_with_files")
def test_a_file_without_a_row_is_found_and_deleted(own_media_folder: Path) -> None:
    path = stray(own_media_folder, hours=2)
    with pytest.raises(CommandError, match="1 files"):
        call_command("check_media")
    assert path.exists()
    call_command("check_media", "--fix")
    assert not path.exists()
    call_command("check_media")


@pytest.mark.usefixtures("site_with_files")
def test_a_file_that_was_just_written_is_left_alone(own_media_folder: Path) -> None:
    path = stray(own_media_folder, hours=0.5)
    call_command("check_media", "--fix")
    assert path.exists()


def test_a_missing_file_is_reported_and_cannot_be_mended(
    site_with_files: User, capsys: pytest.CaptureFixture[str]
) -> None:
    name = site_with_files.photos.get().renditions[0][2]
    default_storage.delete(name)
    with pytest.raises(CommandError, match="1 files"):
        call_command("check_media", "--fix")
    assert f"The file {name} of photo" in capsys.readouterr().out
