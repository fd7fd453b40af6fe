"""A site moves from SQLite and files to PostgreSQL, and nothing of it is lost or changed."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from infra.ops import database_copy
from photos.models import Like, Photo
from social import search
from tests.factories import make_user

PROJECT = Path(__file__).parents[3]
pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="copies into PostgreSQL"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def own_limits(db: None) -> Iterator[None]:
    """Give the connection back with the limits it had: other tests get it from the pool."""
    yield
    with connection.cursor() as cursor:
        names = [list(database_copy.SESSION_LIMITS)]
        cursor.execute("SELECT name FROM pg_settings WHERE name = ANY(%s)", names)
        for (name,) in cursor.fetchall():
            cursor.execute(f"RESET {name}")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data folder of a Stage 1 site with people, photos, likes and files."""
    data = tmp_path_factory.mktemp("stage1")
    env = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{data}/db.sqlite3",
        "DATA_DIR": str(data),
        "MEDIA_ROOT": str(data / "media"),
        "SITE_NAME": "Stage 1",
    }
    sizes = ("--users=40", "--follows=5", "--photos=120", "--likes=300", "--password=long-enough")
    for command in (["migrate", "--verbosity=0"], ["populate", *sizes], ["shell", "-c", MORE]):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            env=env,
            cwd=PROJECT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return data


# What populate does not make: texts of all kinds, bytes, sessions, an entry of the admin's log.
MORE = """
from django.contrib.sessions.backends.db import SessionStore
from accounts.models import IdempotencyKey, User
from photos.services import comment
from photos.models import Photo
alice = User.objects.order_by("pk")[0]
User.objects.filter(pk=alice.pk).update(bio="Ünïcode \\U0001f600\\ttab\\nline \\\\ back")
comment(author=alice, photo_id=Photo.objects.first().pk, text="it's \\\\N \\x7f")
IdempotencyKey.objects.create(user=alice, key="k", path="/", fingerprint="f", body=b"\\x01\\xff")
session = SessionStore(); session["a"] = 1; session.create()
"""


def copy(site: Path, *options: str) -> str:
    """Copy the site; return what the command says."""
    out = io.StringIO()
    call_command("copy_site", site / "db.sqlite3", site / "media", *options, stdout=out)
    return out.getvalue()


def test_everything_arrives_and_is_proven_equal(site: Path, own_media_folder: Path) -> None:
    said = copy(site)
    assert "Both sides are equal" in said
    assert (User.objects.count(), Photo.objects.count(), Like.objects.count()) == (40, 120, 300)
    assert User.objects.order_by("pk")[0].bio == "Ünïcode \U0001f600\ttab\nline \\ back"
    assert Session.objects.count() == 1
    page = search.photos_page(search.parse("weekend"), AnonymousUser(), None)
    assert {card.caption for card in page.items} == {"Weekend"}
    names = [path for path in (site / "media").rglob("*") if path.is_file()]
    assert len(names) == len([path for path in own_media_folder.rglob("*") if path.is_file()]) > 0
    call_command("reconcile", stdout=io.StringIO())
    call_command("check_media", stdout=io.StringIO())


def limits() -> list[str]:
    """Return the limits of the session on PostgreSQL."""
    with connection.cursor() as cursor:
        names = list(database_copy.SESSION_LIMITS)
        cursor.execute("SELECT setting FROM pg_settings WHERE name = ANY(%s)", [names])
        return [setting for (setting,) in cursor]


def test_no_limit_of_the_server_ends_a_long_copy(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(database_copy, "differences", lambda *_: seen.extend(limits()))
    for options in ([], ["--verify"]):
        with connection.cursor() as cursor:
            cursor.execute("SET idle_in_transaction_session_timeout = '1h'")
            cursor.execute("SET idle_session_timeout = '1h'")
        copy(site, *options)
    connection.close()
    assert len(seen) >= 2 * 4
    assert set(seen) == {"0"}


def test_new_rows_get_numbers_of_their_own_afterwards(site: Path) -> None:
    copy(site)
    make_user("newcomer")
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM django_content_type")
        highest = cursor.fetchone()[0]
        cursor.execute("SELECT nextval(pg_get_serial_sequence('django_content_type', 'id'))")
        assert cursor.fetchone()[0] == highest + 1


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE accounts_user SET bio = bio || '.' WHERE username = 'user7'", "accounts_user"),
        ("DELETE FROM photos_like WHERE id = (SELECT min(id) FROM photos_like)", "299"),
        (
            "UPDATE photos_photo SET more = '[{}]' WHERE id = (SELECT min(id) FROM photos_photo)",
            "photos_photo",
        ),
        (
            "UPDATE photos_like SET id = id + 1 WHERE id = (SELECT max(id) FROM photos_like)",
            "photos_like",
        ),
        (
            "UPDATE django_session SET expire_date = expire_date + interval '1 microsecond'",
            "django_session",
        ),
    ],
)
def test_a_difference_in_any_row_is_found(site: Path, change: str, found: str) -> None:
    copy(site)
    copy(site, "--verify")
    with connection.cursor() as cursor:
        cursor.execute(change)
        assert cursor.rowcount == 1
    with pytest.raises(CommandError, match=found):
        copy(site, "--verify")


def test_a_difference_in_any_file_is_found(site: Path, own_media_folder: Path) -> None:
    copy(site)
    file = next(path for path in own_media_folder.rglob("*") if path.is_file())
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(CommandError, match="another content"):
        copy(site, "--verify")
    file.unlink()
    with pytest.raises(CommandError, match="is not here"):
        copy(site, "--verify")


def test_a_copy_that_is_not_equal_is_taken_back(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_table = database_copy._copy_table

    def lossy(model: Any, target: str) -> int:
        count = copy_table(model, target)
        if model is Like:
            with connection.cursor() as cursor:
                cursor.execute("UPDATE photos_like SET id = id + 1")
        return count

    monkeypatch.setattr(database_copy, "_copy_table", lossy)
    with pytest.raises(CommandError, match="Nothing was copied: photos_like"):
        copy(site)
    assert not User.objects.exists()
    monkeypatch.undo()


def test_what_failed_goes_on_with_the_files_that_are_there(
    site: Path, own_media_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise database_copy.CannotCopy("the power failed")

    with monkeypatch.context() as broken:
        broken.setattr(database_copy, "copy_rows", fail)
        with pytest.raises(CommandError, match="power"):
            copy(site)
    assert "  0 files copied" in copy(site)


def test_a_target_with_rows_is_refused(site: Path) -> None:
    make_user("alice")
    with pytest.raises(CommandError, match="not empty"):
        copy(site)
    assert User.objects.count() == 1


def test_a_target_with_other_files_is_refused(site: Path, own_media_folder: Path) -> None:
    own_media_folder.mkdir()
    (own_media_folder / "stranger.txt").write_text("mine")
    with pytest.raises(CommandError, match=r"stranger\.txt"):
        copy(site)
    assert not User.objects.exists()


def test_a_source_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no file"):
        copy(tmp_path)


def test_the_state_of_the_cache_is_not_copied() -> None:
    # A label that no model has any more would exclude nothing: get_model raises LookupError.
    excluded = {apps.get_model(label) for label in database_copy.EXCLUDED}
    assert excluded
    assert excluded.isdisjoint(database_copy.models())
