"""The servers that a site uses: database, replicas, cache, tasks, storage of pictures, mail."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import EmailMessage, get_connection
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.sqlite3.introspection import DatabaseIntrospection
from django.db.migrations.executor import MigrationExecutor

from infra.doctor.findings import Findings
from infra.ops.checks import sends_none

LEAST_POSTGRESQL = 15
LEAST_SQLITE = (3, 35)
MOST_LAG_BYTES = 16 * 1024**2
OLDEST_TASK_SECONDS = 60
# One-time passwords of phones are good for half a minute.
MOST_SECONDS_APART = 2.0


def database(found: Findings) -> None:
    """Check the primary: that it answers, its version, migrations and indexes.

    Missing migrations are raised as ``LookupError`` inside the check, which notes it as a problem.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    advice = "Start the database, or correct DATABASE_URL."
    with found.checking("database", "answers", advice) as look, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        numbers = connection.get_database_version()
        look.detail = f"{connection.display_name} {'.'.join(map(str, numbers))}"
    if found.rows[-1].state != "ok":
        return
    least = (LEAST_POSTGRESQL,) if connection.vendor == "postgresql" else LEAST_SQLITE
    if numbers < least:
        wanted = ".".join(map(str, least))
        found.warn("database", "version", str(numbers), f"Update it to {wanted} or later.")
    with found.checking("database", "migrations", "Run: manage.py migrate") as look:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            raise LookupError(f"{len(missing)} are missing, {missing[0][0]} first")
        look.detail = "all are there"
    indexes(found)
    clocks(found)


def clocks(found: Findings) -> None:
    """Compare this machine's clock with PostgreSQL's. One query; none on SQLite."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        theirs = cursor.fetchone()[0]
        apart = abs(theirs - (before + time.time()) / 2)
    if apart > MOST_SECONDS_APART:
        advice = "Set both clocks by NTP (package systemd-timesyncd or chrony)."
        found.warn("clock", "database server", f"{apart:.0f} s from this machine's", advice)
    else:
        found.ok("clock", "database server", f"{apart:.1f} s from this machine's")


class WithoutCollations(DatabaseIntrospection):
    """SQLite's introspection, for tables whose collations Django 5.2 cannot read.

    It splits the statement that made a table at each comma, and fails at ``CHECK (x IN (1, 2))``.
    """

    def _get_column_collations(self, *_: Any) -> dict[str, str]:
        return {}


def indexes(found: Findings) -> None:
    """Compare indexes and constraints with what the models declare."""
    advice = "Make it again: the migration that made it shows how (manage.py sqlmigrate)."
    missing = list(missing_indexes())
    for name in missing:
        found.fail("database", f"index {name}", "is missing: lists become slow", advice)
    if not missing:
        found.ok("database", "indexes", "all are there")


def missing_indexes() -> Iterator[str]:
    """Yield the names of declared indexes and constraints that the database does not have."""
    connection = connections[DEFAULT_DB_ALIAS]
    sqlite = connection.vendor == "sqlite"
    introspection = WithoutCollations(connection) if sqlite else connection.introspection
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model._meta.managed and not model._meta.proxy:
                there = introspection.get_constraints(cursor, model._meta.db_table)
                key = introspection.get_primary_key_columns(cursor, model._meta.db_table)
                yield from _missing_of(model, there, key)


def _missing_of(
    model: type[models.Model], there: dict[str, Any], key: list[str] | None
) -> Iterator[str]:
    """Yield what one table lacks: named indexes, unique constraints, and its primary key."""
    for index in model._meta.indexes:
        if index.name not in there:
            yield index.name
    for constraint in model._meta.constraints:
        # SQLite's introspection does not tell the names of all check constraints.
        if isinstance(constraint, models.UniqueConstraint) and constraint.name not in there:
            yield constraint.name
    # SQLite's introspection tells them in the order of the table.
    if sorted(key or []) != sorted(str(field.column) for field in model._meta.pk_fields):
        yield f"of the primary key of {model._meta.db_table}"
    for field in model._meta.local_concrete_fields:
        indexed = getattr(field, "db_index", False) and not field.primary_key
        if indexed and not any(_begins_with(each, field.column) for each in there.values()):
            yield f"of {model._meta.db_table}.{field.column}"


def _begins_with(constraint: dict[str, Any], column: str | None) -> bool:
    return bool(constraint["index"] or constraint["unique"]) and constraint["columns"][:1] == [
        column
    ]


def replicas(found: Findings) -> None:
    """Check each replica: that it answers, replays, and how many bytes it is behind.

    A server that takes writes is raised as ``LookupError`` inside the check, which notes it.
    """
    for alias in getattr(settings, "REPLICAS", []):
        advice = "Start it; until then its reads go to the others."
        with found.checking("replicas", f"{alias} answers", advice) as look:
            with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
                cursor.execute("SELECT pg_current_wal_lsn()::text")
                position = cursor.fetchone()[0]
            with connections[alias].cursor() as cursor:
                cursor.execute(
                    "SELECT pg_is_in_recovery(),"
                    " coalesce(pg_wal_lsn_diff(%s, pg_last_wal_replay_lsn()), 0)::bigint",
                    [position],
                )
                standby, behind = cursor.fetchone()
            one_of_several = "," in str(connections.settings[DEFAULT_DB_ALIAS]["HOST"])
            if not standby and not one_of_several:
                raise LookupError("it is no replica: it takes writes of its own")
            look.detail = f"{max(0, behind):,} bytes behind" if standby else "it is the primary"
        if found.rows[-1].state == "ok" and behind > MOST_LAG_BYTES:
            advice = "Look for a long query or a slow disk there."
            found.warn("replicas", f"{alias} lag", f"{behind:,} bytes behind", advice)


def tasks(found: Findings) -> None:
    """Check that no task waits for the worker longer than ``OLDEST_TASK_SECONDS``.

    One that does is raised as ``LookupError`` inside the check, which notes it as a problem.
    """
    if not settings.BACKGROUND_WORKER:
        found.ok("tasks", "worker", "none is needed: uploads are processed in the request")
        return
    advice = "Start manage.py worker, and look at its log."
    with found.checking("tasks", "worker", advice) as look:
        waiting = apps.get_model("django_tasks_database", "DBTaskResult")._default_manager.filter(
            status="READY"
        )
        oldest = waiting.order_by("enqueued_at").values_list("enqueued_at", flat=True).first()
        age = 0.0 if oldest is None else time.time() - oldest.timestamp()
        if age > OLDEST_TASK_SECONDS:
            raise LookupError(f"the oldest task waits for {age:.0f} s")
        look.detail = f"{waiting.count()} tasks wait"


def storage(found: Findings) -> None:
    """Write, read and delete a file where pictures lie.

    A file that comes back changed is raised as ``LookupError`` inside the check, which notes it.
    """
    advice = "Let the site's user write to MEDIA_ROOT, or correct the bucket's key and address."
    with found.checking("storage", "keeps a file", advice) as look:
        content = secrets.token_bytes(1000)
        name = default_storage.save("doctor", ContentFile(content))
        try:
            with default_storage.open(name) as file:
                if file.read() != content:
                    raise LookupError("what was read is not what was written")
        finally:
            default_storage.delete(name)
        look.detail = type(default_storage._wrapped).__name__  # type: ignore[attr-defined]


def mail(found: Findings, recipient: str = "") -> None:
    """Log in to the mail server, and send a test to ``recipient`` if there is one.

    A site that sends no mail is noted by its system check (``infra.W002``), and here in short.
    """
    if sends_none():
        advice = "Set EMAIL_URL=submission://name:password@host:587 to the mail server's."
        found.warn("mail", "server", "none: mails go to the log alone", advice)
        return
    advice = "Correct EMAIL_URL, or ask the mail server's owner."
    with found.checking("mail", "server", advice) as look:
        connection = get_connection(timeout=10)
        connection.open()
        connection.close()
        look.detail = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    if settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith("@localhost"):
        advice = "Add ?_default_from_email=NAME%20%3Cname@your.domain%3E to EMAIL_URL."
        found.warn("mail", "sender", settings.DEFAULT_FROM_EMAIL, advice)
    if recipient and found.rows[-1].state != "problem":
        with found.checking("mail", "test", advice) as look:
            subject, text = f"A test of {settings.SITE_NAME}", f"{settings.SITE_URL} sends mails."
            EmailMessage(subject, text, to=[recipient]).send()
            look.detail = f"sent to {recipient}: look whether it comes, and not as spam"
