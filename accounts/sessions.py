"""Sessions: rows in the database, cached where there is a Redis (``SESSION_ENGINE``).

Not Django's ``cached_db``: that trusts whatever the cache holds, so that a session ended while
Redis could not be reached would stay valid, and a slow reader could restore one that was just
ended.
"""

from __future__ import annotations

import re
import time
from typing import Any

import orjson
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import LogIn
from minigram_site.cache import (
    Region,
    Writer,
    current_lease,
    get_or_build,
    invalidate,
    is_configured,
)
from minigram_site.db import fetch_compiled, on_primary

SESSION = Region("session", soft_ttl=900, hard_ttl=60, sliding=True)
# Django's own keys. A cookie may hold anything, which must become a key neither in the cache nor in
# a query: PostgreSQL refuses a text with a NUL character.
_OURS = re.compile(r"[a-z0-9]{32}")

# In a session: the id of the ``LogIn`` that it began with.
LOG_IN_KEY = "log_in"


def session_row(key: str) -> QuerySet[Session, Any]:
    """Return the query for the data of a session, unless it has expired: one row, or none."""
    unexpired = Session.objects.filter(session_key=key, expire_date__gt=Now())
    return unexpired.values_list("session_data")


class SessionStore(db.SessionStore):
    """Django's sessions in the database; reading one that is cached costs no query."""

    def load(self) -> dict[str, Any]:
        """Return the session's data. One query, none if it is cached, two if there is none."""
        key = self.session_key
        if key is None:
            return super().load()
        if current_lease() is None:
            # On a replica a session that was just ended would go on.
            with on_primary():
                rows = fetch_compiled(("session",), session_row, [key])
            return self.decode(rows[0][0]) if rows else super().load()
        found = get_or_build(SESSION, key, lambda writer: self._read(writer, key))
        expiry, data = orjson.loads(found.body) if found.body else (0, "")
        if expiry <= time.time():
            # Also sets what Django sets for a session that is not there.
            return super().load()
        return self.decode(data)

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's signature
        """Write the session and invalidate its entry in the cache, in one transaction."""
        if self.session_key is None:
            # Comes back with a key.
            self.create()
            return
        if not is_configured():
            super().save(must_create=must_create)
            return
        with transaction.atomic():
            super().save(must_create=must_create)
            invalidate(_dependency(self.session_key))

    def cycle_key(self) -> None:
        """Give the session another key; its log-in learns of it. One statement more."""
        super().cycle_key()
        if log_in_id := self.get(LOG_IN_KEY):
            rows = LogIn.objects.filter(pk=log_in_id)
            rows.update(session_key=self.session_key)

    def delete(self, session_key: str | None = None) -> None:
        """Delete the session and invalidate its entry in the cache, in one transaction."""
        key = session_key or self.session_key
        if key is None:
            return
        if not is_configured() or not _OURS.fullmatch(key):
            super().delete(key)
            return
        with transaction.atomic():
            super().delete(key)
            invalidate(_dependency(key))

    def _validate_session_key(self, key: str | None) -> bool:
        """Return whether Django may use ``key``: a session that has another is a new one."""
        return bool(key and _OURS.fullmatch(key))

    def _read(self, writer: Writer, key: str) -> bytes | None:
        writer.depends_on(_dependency(key))
        row = self._get_session_from_db()  # type: ignore[attr-defined]
        if row is None:
            return None
        body = orjson.dumps([row.expire_date.timestamp(), row.session_data])
        writer.store(SESSION, key, body, [_dependency(key)])
        return body


def _dependency(key: str) -> str:
    return f"s:{key}"
