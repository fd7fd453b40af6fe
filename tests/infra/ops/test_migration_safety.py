"""Migrations that the running release could not live with are refused."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from infra.ops.migration_safety import are_safe
from infra.project import PROJECT

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="reads the SQL for PostgreSQL"),
    pytest.mark.django_db(transaction=True),
]
MIGRATION = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("photos", "0001_initial")]
    operations = [migrations.{operation}]
"""
FLAG = "AddField('comment', 'pinned', models.BooleanField(default=False{more}))"


@pytest.fixture
def release(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Return a function that adds a migration with one operation to those of the photos."""
    package = f"released_{tmp_path.name.replace('-', '_')}"
    shutil.copytree(PROJECT / "photos/migrations", tmp_path / package)
    monkeypatch.syspath_prepend(str(tmp_path))
    settings.MIGRATION_MODULES = {"photos": package}

    def add(operation: str) -> None:
        text = MIGRATION.format(operation=operation)
        (tmp_path / package / "0002_new_release.py").write_text(text)
        importlib.invalidate_caches()

    return add


def test_the_migrations_of_the_site_are_safe() -> None:
    assert are_safe()


@pytest.mark.parametrize(
    "operation",
    [
        FLAG.format(more=", db_default=False"),
        "AddField('comment', 'note', models.TextField(null=True))",
        "CreateModel('Pin', [('id', models.BigAutoField(primary_key=True))])",
    ],
)
def test_what_the_old_release_does_not_notice_is_safe(
    release: Callable[[str], None], operation: str
) -> None:
    release(operation)
    assert are_safe()


@pytest.mark.parametrize(
    "operation",
    [
        FLAG.format(more=""),
        "RemoveField('comment', 'text')",
        "RenameField('comment', 'text', 'words')",
        "AlterField('comment', 'text', models.CharField(max_length=10))",
        "DeleteModel('Comment')",
        "AddIndex('comment', models.Index(fields=['text'], name='comment_text'))",
        "AddConstraint('comment', models.UniqueConstraint(fields=['text'], name='once'))",
    ],
)
def test_what_the_old_release_could_not_live_with_is_refused(
    release: Callable[[str], None], operation: str
) -> None:
    release(operation)
    assert not are_safe()
