"""Rows that another request deletes while this one uses them: the answer is 404, not an error 500.

An account, a photo or an upload can go at any moment: between the check of a request and its write,
or between its write and its answer. The verbs lock what must not go; whatever else is met is the
same as a request that came a moment later.
"""

from __future__ import annotations

import logging
import sqlite3

import psycopg
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, IntegrityError

logger = logging.getLogger(__name__)


def names_one(error: BaseException) -> bool:
    """Return whether ``error`` says that a row that was to be read, changed or named has gone."""
    if isinstance(error, ObjectDoesNotExist):
        return True
    cause = error.__cause__
    if isinstance(error, IntegrityError):
        if isinstance(cause, sqlite3.Error):
            code = getattr(cause, "sqlite_errorcode", 0)
            return bool(code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY)
        return isinstance(cause, psycopg.errors.ForeignKeyViolation)
    # Django's ``save(update_fields=…)`` of a row that is not there: no error of the database.
    return type(error) is DatabaseError and cause is None


def log(error: BaseException) -> None:
    """Write one line, as it may also be a fault of the code."""
    reason = " ".join(str(error).split())
    logger.warning("A row was gone when it was needed: %s: %s", type(error).__name__, reason)
