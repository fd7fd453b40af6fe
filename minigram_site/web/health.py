"""``/healthz`` (the process answers) and ``/readyz`` (all that it needs works)."""

from __future__ import annotations

import logging
import shutil
from tempfile import gettempdir

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
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
    """Return 200 while the process runs. No query."""
    return JsonResponse({"status": "alive"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Return 200 if all that a page needs works, else 503 with the state of each part.

    A storage, or a temporary folder, without room for one more upload is ``full``. Static files
    that are ``not collected`` have no address: each page that loads one is an error.

    ``reads only`` means that the primary is down while replicas answer reads: 503 as well, as
    the site is not complete. nginx does not use this address, so readers still come. Two queries,
    one round trip to the cache and one to the storage.
    """
    checks = {
        "database": _database(),
        "cache": _cache(),
        "storage": _storage(),
        "static": _static(),
    }
    ready = all(state == "ok" for state in checks.values())
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


def _database() -> str:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (DatabaseError, InterfaceError) as error:
        outages.log_outage(error)
        return "reads only" if monitor.has_replica() else "unreachable"
    return "migrations missing" if missing else "ok"


def _cache() -> str:
    try:
        cache.set("readyz", "ok", 10)
        state = str(cache.get("readyz", "does not keep values"))
    except OSError:
        logger.exception("The cache does not answer.")
        return "unreachable"
    # Without Redis the site is slower, and as ready as with it.
    return "ok" if client.breaker_is_open() else state


def _storage() -> str:
    try:
        default_storage.exists("readyz")
        free = [shutil.disk_usage(folder).free for folder in (settings.DATA_DIR, gettempdir())]
        # A bucket has no end.
        if hasattr(default_storage, "free_bytes"):
            free.append(default_storage.free_bytes())
    except OSError:
        logger.exception("The storage does not answer.")
        return "unreachable"
    return "ok" if min(free) >= settings.MAX_UPLOAD_BYTES else "full"


def _static() -> str:
    uncollected = getattr(staticfiles_storage, "uncollected", None)
    return "not collected" if uncollected and uncollected() else "ok"
