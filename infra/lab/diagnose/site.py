"""Checks of the site that the environment configures, from inside its own settings."""

from __future__ import annotations

import platform
import shutil
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.migrations.executor import MigrationExecutor

from infra.lab.diagnose.findings import Findings

LEAST = {"postgresql": 15, "redis": 7}
LEAST_SQLITE = (3, 35)
LOW_SHARE, LOW_BYTES, NO_BYTES = 0.1, 2 * 1024**3, 200 * 1024**2
MOST_LAG_BYTES = 16 * 1024**2
OLDEST_TASK_SECONDS = 60
PACKAGES = ("django", "djangorestframework", "gunicorn", "psycopg", "pillow")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def look_at_all(found: Findings, url: str) -> None:
    """Add a row for everything but the visit. Costs a few queries; changes nothing."""
    versions(found)
    configuration(found)
    folders(found)
    database(found)
    replicas(found)
    the_cache(found)
    tasks(found)
    front(found, url)


def versions(found: Findings) -> None:
    """Note the versions of Python and of the main packages."""
    names = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    found.ok("versions", "packages", f"Python {platform.python_version()}, {names}")


def configuration(found: Findings) -> None:
    """Check the settings: Django's own checks, those for deployment unless it is local."""
    local = urlsplit(settings.SITE_URL).hostname in LOOPBACK
    messages = checks.run_checks(include_deployment_checks=not local)
    for message in messages:
        note = found.fail if message.level >= checks.ERROR else found.warn
        hint = message.hint or "See the documentation of this check."
        note("settings", message.id or "check", message.msg, hint)
    if settings.DEBUG:
        advice = "Set DEBUG=false: errors show the code to every visitor."
        found.warn("settings", "DEBUG", "on", advice)
    if not settings.RATE_LIMITS and not local:
        advice = "Set RATE_LIMITS=true: they are off for load tests only."
        found.warn("settings", "RATE_LIMITS", "off", advice)
    if not messages:
        found.ok("settings", "Django's checks", "none complains")


def folders(found: Findings) -> None:
    """Check the data and media folders: that they can be written to, and have room."""
    for name, folder in (("DATA_DIR", settings.DATA_DIR), ("MEDIA_ROOT", settings.MEDIA_ROOT)):
        place = Path(folder)
        advice = f"Let the user of the site write to {name}."
        with found.checking("folders", f"{name} writable", advice) as look:
            place.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=place) as file:
                file.write(b"x")
            look.detail = f"{place.stat().st_mode & 0o777:o}"
        if found.rows[-1].state == "ok":
            _room(found, name, place)


def _room(found: Findings, name: str, place: Path) -> None:
    disk = shutil.disk_usage(place)
    detail = f"{disk.free / 1024**3:.1f} GiB free of {disk.total / 1024**3:.1f}"
    advice = "Make room, or move it to a larger disk."
    if disk.free < NO_BYTES:
        found.fail("folders", f"{name} disk", detail, advice)
    elif disk.free < min(LOW_BYTES, LOW_SHARE * disk.total):
        found.warn("folders", f"{name} disk", detail, advice)
    else:
        found.ok("folders", f"{name} disk", detail)


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
    least = (LEAST["postgresql"],) if connection.vendor == "postgresql" else LEAST_SQLITE
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
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model._meta.managed and not model._meta.proxy:
                there = connection.introspection.get_constraints(cursor, model._meta.db_table)
                yield from _missing_of(model, there)


def _missing_of(model: type[models.Model], there: dict[str, Any]) -> Iterator[str]:
    """Yield what one table lacks: named indexes, unique constraints, and its primary key."""
    for index in model._meta.indexes:
        if index.name not in there:
            yield index.name
    for constraint in model._meta.constraints:
        # SQLite's introspection does not tell the names of all check constraints.
        if isinstance(constraint, models.UniqueConstraint) and constraint.name not in there:
            yield constraint.name
    keys = [field.column for field in model._meta.pk_fields]
    if not any(each["primary_key"] and each["columns"] == keys for each in there.values()):
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
            if not standby:
                raise LookupError("it is no replica: it takes writes of its own")
            look.detail = f"{max(0, behind):,} bytes behind"
        if found.rows[-1].state == "ok" and behind > MOST_LAG_BYTES:
            advice = "Look for a long query or a slow disk there."
            found.warn("replicas", f"{alias} lag", f"{behind:,} bytes behind", advice)


def the_cache(found: Findings) -> None:
    """Check the cache: that it keeps a value, and version and limits of Redis.

    A value that is lost is raised as ``LookupError`` inside the check, which notes it.
    """
    backend = settings.CACHES["default"]["BACKEND"].rpartition(".")[2]
    advice = "Start Redis, or correct CACHE_URL; the site works without it, only slower."
    with found.checking("cache", "keeps a value", advice) as look:
        cache.set("diagnostic", "kept", 10)
        if cache.get("diagnostic") != "kept":
            raise LookupError(f"{backend} does not keep what it is given")
        cache.delete("diagnostic")
        look.detail = backend
    if "redis" in settings.CACHES["default"]["BACKEND"].lower():
        _redis(found)


def _redis(found: Findings) -> None:
    from infra.lab.measure.redis_server import redis_info

    info = redis_info({"CACHE_URL": _cache_location()})
    if not info:
        found.fail("cache", "Redis", "does not answer", "Start Redis, or correct CACHE_URL.")
        return
    number = str(info["redis_version"])
    policy = str(info.get("maxmemory_policy", ""))
    if int(number.partition(".")[0]) < LEAST["redis"]:
        found.warn("cache", "version", number, f"Update Redis to {LEAST['redis']} or later.")
    if not info.get("maxmemory") or policy == "noeviction":
        advice = "Set maxmemory and maxmemory-policy allkeys-lru or allkeys-lfu."
        found.warn("cache", "memory", f"no limit or {policy}", advice)
    else:
        detail = f"Redis {number}, {policy}, {int(info['maxmemory']) // 1024**2} MB at most"
        found.ok("cache", "memory", detail)


def _cache_location() -> str:
    location = settings.CACHES["default"].get("LOCATION", "")
    return str(location[0] if isinstance(location, (list, tuple)) else location)


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


def front(found: Findings, url: str) -> None:
    """Check that the site at ``url`` says that it is alive and ready."""
    for path in ("/healthz", "/readyz"):
        advice = "Start the site, or name its address with --url."
        with found.checking("site", path, advice) as look:
            look.detail = answer_of(f"{url}{path}")


def answer_of(url: str) -> str:
    """Return the first 200 bytes of a good answer of ``url``.

    Raises ``ConnectionError`` for any other answer, and for none.
    """
    try:
        with urlopen(url, timeout=5) as response:  # noqa: S310 - the site's own address
            return str(response.read(200).decode(errors="replace"))
    except URLError as error:
        raise ConnectionError(f"{url}: {getattr(error, 'reason', error)}") from error
