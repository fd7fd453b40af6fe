"""What failed, counted by day in the database, so that all instances and workers are in it.

A count is written when something fails, and costs nothing as long as nothing does.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    InterfaceError,
    connections,
    transaction,
)
from django.utils import timezone
from django_tasks import TaskResultStatus

from minigram_site.web.outages import is_outage
from social.moderation.models import FailureCount

_COUNT = """
INSERT INTO social_failurecount (day, kind, number) VALUES (%s, %s, 1)
ON CONFLICT (day, kind) DO UPDATE SET number = social_failurecount.number + 1
"""
SERVER_ERROR = HTTPStatus.INTERNAL_SERVER_ERROR
logger = logging.getLogger(__name__)


def count(kind: FailureCount.Kind) -> None:
    """Count one failure of today (UTC). One statement.

    Raises nothing: if the database is away, the failure is in the log alone. Call it outside of a
    transaction that is going to be rolled back.
    """
    values = (timezone.now().date(), kind.value)
    try:
        with transaction.atomic(), connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(_COUNT, values)
    except (DatabaseError, InterfaceError) as error:
        if not is_outage(error):
            logger.warning("A failure could not be counted: %s", error)


def count_task(*, task_result: Any, **_: Any) -> None:
    """Count a task that ended, if it failed: a receiver of ``django_tasks``."""
    if task_result.status == TaskResultStatus.FAILED:
        count(FailureCount.Kind.BACKGROUND)


class FailureHandler(logging.Handler):
    """Counts what the log of another part says: requests that failed, mails that were not sent."""

    def __init__(self, kind: FailureCount.Kind) -> None:
        """Take what a record of an error stands for."""
        super().__init__(logging.ERROR)
        self.kind = kind

    def emit(self, record: logging.LogRecord) -> None:
        """Count a record, but for that of another answer than 500.

        With 503 database or storage are away, and so is where to count.
        """
        if getattr(record, "status_code", SERVER_ERROR) != SERVER_ERROR:
            return
        try:
            count(self.kind)
        except Exception:  # noqa: BLE001 - an answer is on its way, whatever becomes of its count
            self.handleError(record)


def watch_logs() -> None:
    """Count from now on what the log says of requests, and of mails that a thread sends."""
    kinds = FailureCount.Kind
    logging.getLogger("django.request").addHandler(FailureHandler(kinds.REQUEST))
    logging.getLogger("accounts.mails").addHandler(FailureHandler(kinds.BACKGROUND))
