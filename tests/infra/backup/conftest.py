"""A site with people, photos and files, which can be lost."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections

from accounts.models import User
from infra.ops import database_copy
from infra.ops.database_copy import TableChecksum
from photos.services import comment, like
from social.profiles import change_avatar
from tests.factories import make_follow, make_user, published, upload


@pytest.fixture(autouse=True)
def own_data_folder(settings: Any, tmp_path: Path) -> None:
    """Let locks and notes of backups lie in a folder of the test."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()


@pytest.fixture
def site(transactional_db: None) -> Iterator[None]:
    """Make a site with two people, three photos, a portrait, likes and comments."""
    alice, bob = make_user("alice"), make_user("bob")
    make_follow(bob, alice)
    User.objects.filter(pk=alice.pk).update(bio="Ünïcode \U0001f600\ttab\nline \\ back")
    change_avatar(user=alice, image=upload())
    for number in range(3):
        photo = published(author=alice, image=upload(), caption=f"{number} it's \\N #sea")
        like(user=bob, photo_id=photo.pk)
        comment(author=bob, photo_id=photo.pk, text="@alice \x7f")
    yield
    with connections["default"].cursor() as cursor:
        if connection.vendor == "postgresql":
            for name in database_copy.SESSION_LIMITS:
                cursor.execute("SELECT 1 FROM pg_settings WHERE name = %s", [name])
                if cursor.fetchone():
                    cursor.execute(f"RESET {name}")


def rows() -> dict[str, TableChecksum]:
    """Return checksums of all tables."""
    return {
        model._meta.label: database_copy.table_checksum(model, "default")
        for model in database_copy.models()
    }


def files(media: Path) -> dict[str, bytes]:
    """Return the content of all files of a media folder by their names."""
    paths = (path for path in media.rglob("*") if path.is_file())
    named = {path.relative_to(media).as_posix(): path for path in paths}
    return {
        name: path.read_bytes() for name, path in named.items() if not name.startswith("public/")
    }


def lose(media: Path) -> None:
    """Lose all rows and all files of the site."""
    call_command("flush", verbosity=0, interactive=False)
    shutil.rmtree(media, ignore_errors=True)


def run(command: str, *arguments: Any) -> str:
    """Run a command and return what it says."""
    out = StringIO()
    call_command(command, *map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()
