"""``/healthz`` (the process answers) and ``/readyz`` (it can do its work)."""

from __future__ import annotations

import logging

from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from minigram_site.db import monitor
from minigram_site.redis import client
from minigram_site.web import outages

logger = logging.getLogger(__name__)


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the process lives. No query."""
    return JsonResponse({"status": "alive"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database, migrations, cache and storage work, else 503 naming the fault.

    ``reads only`` says that the primary is gone and replicas go on answering reads: 503, for
    whoever waits for a whole site; nginx does not ask here, so readers still come.
    """
    checks = {"database": _database(), "cache": _cache(), "storage": _storage()}
    ready = all(state == "ok" for state in checks.values())
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


def _database() -> str:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (DatabaseError, InterfaceError) as error:
        outages.tell(error)
        return "reads only" if monitor.has_replica() else "unreachable"
    return "migrations missing" if missing else "ok"


def _cache() -> str:
    try:
        cache.set("readyz", "ok", 10)
        kept = str(cache.get("readyz", "does not keep values"))
    except OSError:
        logger.exception("The cache does not answer.")
        return "unreachable"
    # Without its Redis the site is slower, and as ready as with it.
    return "ok" if client.breaker_is_open() else kept


def _storage() -> str:
    try:
        default_storage.exists("readyz")
    except OSError:
        logger.exception("The storage does not answer.")
        return "unreachable"
    return "ok"
