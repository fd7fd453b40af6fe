"""Changes of tables while the old release answers."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.core.management.commands.migrate import Command
from django.db import OperationalError, connection, models
from psycopg import errors

from accounts.models import User
from infra.management.commands import migrate
from photos.models import Comment
from photos.services import comment
from tests.factories import make_photo

pytestmark = pytest.mark.database

postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="is about PostgreSQL")


@pytest.fixture
def new_column() -> Iterator[None]:
    """Add a column with a default, of which the models know nothing: they are the old release."""
    field = models.BooleanField(default=False)
    field.set_attributes_from_name("pinned")
    with connection.schema_editor() as editor:
        editor.add_field(Comment, field)
    yield
    with connection.schema_editor() as editor:
        editor.remove_field(Comment, field)


@postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("new_column")
def test_the_old_release_inserts_into_a_table_with_a_new_column(alice: User) -> None:
    comment(author=alice, photo_id=make_photo(alice).pk, text="Hello")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pinned FROM photos_comment")
        assert cursor.fetchall() == [(False,)]


@postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("atomic", [True, False])
def test_a_migration_gives_way_where_others_queue_behind_it(*, atomic: bool) -> None:
    with connection.schema_editor(atomic=atomic), connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert (cursor.fetchone() == ("800ms",)) == atomic


def constant_defaults() -> list[models.Field[Any, Any]]:
    """Return our columns that get the same value in each new row, unless they can be null."""
    names = ("accounts", "photos", "social", "cache")
    return [
        field
        for model in apps.get_models()
        if model._meta.app_label in names
        for field in model._meta.local_concrete_fields
        if field.has_default() and not field.primary_key and not field.null
    ]


def test_columns_with_a_default_keep_it_in_the_database() -> None:
    inherited = {"is_superuser"}
    assert len(constant_defaults()) > 20
    forgotten = {field.name for field in constant_defaults() if not field.has_db_default()}
    assert forgotten == inherited


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> list[type[Exception]]:
    """Return the errors that the next tries to migrate meet, one after the other."""
    reasons: list[type[Exception]] = []

    def handle(*_arguments: Any, **_options: Any) -> None:
        if reasons:
            raise OperationalError("canceling statement") from reasons.pop(0)()

    monkeypatch.setattr(Command, "handle", handle)
    monkeypatch.setattr(migrate, "PAUSE", 0)
    return reasons


def test_migrate_gives_way_and_tries_again(locked: list[type[Exception]]) -> None:
    locked += [errors.LockNotAvailable, errors.DeadlockDetected]
    told = StringIO()
    call_command("migrate", stderr=told)
    assert told.getvalue().count("Others use the table") == 2


def test_migrate_gives_up_after_some_minutes(
    locked: list[type[Exception]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "TRIES", 2)
    locked += [errors.LockNotAvailable] * 3
    with pytest.raises(CommandError, match="stayed locked"):
        call_command("migrate", stderr=StringIO())


def test_migrate_does_not_repeat_what_fails_for_another_reason(
    locked: list[type[Exception]],
) -> None:
    locked += [errors.AdminShutdown]
    with pytest.raises(OperationalError):
        call_command("migrate", stderr=StringIO())
