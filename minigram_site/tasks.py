"""The queue of tasks in the database, whose workers are told of each task instead of asking."""

from __future__ import annotations

from typing import Any

from django_tasks_db import DatabaseBackend

from minigram_site.db import notify

# Whoever runs tasks listens to this channel.
CHANNEL = "minigram_tasks"


class NotifyingBackend(DatabaseBackend):
    """django-tasks' backend in the database; on PostgreSQL each new task is announced."""

    def _task_to_db_task(self, task: Any, args: Any, kwargs: Any) -> Any:
        """Insert the task and announce it: both with the commit, where there is a transaction."""
        result = super()._task_to_db_task(task, args, kwargs)
        notify(CHANNEL)
        return result
