"""The environment that tests run in; loaded by pytest before Django reads its settings.

Values that are already set win, so that ``DATABASE_URL`` chooses the database of a run.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(64))
os.environ.setdefault("SITE_URL", "http://testserver")
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="minigram-tests-"))
# Counters are added up over all processes of a folder: workers must not see each other's counts.
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ["DATA_DIR"] = str(Path(os.environ["DATA_DIR"], worker))
# Live servers answer here, and Playwright runs an event loop beside Django's synchronous code.
os.environ.setdefault("ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
# Limits that are right for people fail tests on a machine that does much else besides.
url = os.environ.get("DATABASE_URL", "")
if url.startswith("postgres") and "?" not in url:
    os.environ["DATABASE_URL"] = f"{url}?statement_timeout=50&lock_timeout=50&pool_timeout=30"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minigram_site.settings")

# Reads the settings, which are complete now.
from minigram_site.db.postgresql import serve  # noqa: E402

# Tests answer requests: on PostgreSQL they run with the pool and the limits of the site.
serve()
