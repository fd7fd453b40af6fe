"""``manage.py worker``: processes uploads outside of requests (``BACKGROUND_WORKER``)."""

from __future__ import annotations

import os
import socket
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, close_old_connections
from django_tasks_db.management.commands.db_worker import Worker

from minigram_site.fields import snowflake
from minigram_site.web.outages import is_outage, log_outage
from social import publishing
from social.moderation import deciding

# Seconds between deletions of uploads that became no photo; suspensions end then, too.
COLLECT_EVERY = 3600.0


class Command(BaseCommand):
    """Run tasks as they come, and those that killed processes left behind."""

    help = (
        "Process uploads beside the site until stopped. SIGTERM finishes the upload at hand. "
        "Several workers may run, on one machine or many."
    )

    # When uploads that became no photo were last deleted, on the monotonic clock.
    collected = -COLLECT_EVERY

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare ``--interval`` and ``--once``."""
        parser.add_argument(
            "--interval", type=float, default=1.0, help="seconds between looks when idle"
        )
        parser.add_argument("--once", action="store_true", help="stop when nothing is left to do")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run tasks until a signal comes; raises ``CommandError`` if there can be none."""
        if not settings.BACKGROUND_WORKER:
            raise CommandError(
                "BACKGROUND_WORKER is false: uploads are processed inside the request, and there "
                "is nothing for a worker to do."
            )
        if not 0 < options["interval"] <= 10:
            raise CommandError("--interval must be more than 0 and at most 10 seconds.")
        snowflake.claim()
        worker = Worker(
            queue_names=["default"],
            interval=options["interval"],
            batch=True,  # it returns when the queue is empty, so that we can sweep in between
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=f"{socket.gethostname()[:40]}-{os.getpid()}",
            excluded_queue_names=[],
        )
        worker.configure_signals()
        self.stdout.write("Waiting for uploads (stop with Ctrl-C or SIGTERM).")
        while worker.running:
            try:
                busy = self._look(worker)
            except (DatabaseError, InterfaceError) as error:
                if options["once"] or not is_outage(error):
                    raise
                # The rows say what is to be done: it goes on from them when the database is back.
                worker.running_task = busy = False
                log_outage(error)
            close_old_connections()
            if not worker.running or (options["once"] and not busy):
                return
            if not busy:
                time.sleep(options["interval"])

    def _look(self, worker: Worker) -> bool:
        """Run waiting tasks and process abandoned uploads; tell whether there were any of these."""
        worker.run()
        if time.monotonic() - self.collected > COLLECT_EVERY:
            publishing.delete_expired_uploads()
            deciding.end_suspensions()
            self.collected = time.monotonic()
        # A signal that comes now waits for the upload at hand, as it does in a task.
        worker.running_task = True
        swept = publishing.sweep()
        worker.running_task = False
        return bool(swept)
