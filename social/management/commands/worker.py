"""``manage.py worker``: processes uploads outside of requests (``BACKGROUND_WORKER``).

On PostgreSQL an idle worker waits to be told of a task, and looks by itself now and then only: a
notification may be lost with its connection, and nobody announces what a killed process left. On
SQLite it looks every second.
"""

from __future__ import annotations

import os
import socket
import time
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker

from minigram_site.db import Listener, can_listen
from minigram_site.fields import snowflake
from minigram_site.fields.snowflake import id_at
from minigram_site.tasks import CHANNEL
from minigram_site.web.outages import is_outage, log_outage
from photos.bin import comments
from photos.files import large
from social import publishing
from social.albums import deleting
from social.moderation import deciding, evidence
from social.moderation.desk import waiting
from social.notifications.digest.service import send_due
from social.notifications.push.service import send_due as send_pushes
from social.portable import export, jobs

# Seconds between deletions of uploads that became no photo, and of what was in the bin for long
# enough; suspensions end then, too.
COLLECT_EVERY = 3600.0
# Seconds between looks for digests that are due.
DIGEST_EVERY = 60.0
# Seconds between looks for photos whose largest size is still to be made.
ENLARGE_EVERY = 60.0
# Photos of that time are looked through when a worker starts.
RECENT = timedelta(days=1)
# Seconds between two looks of an idle worker that is told of tasks, and of one that is not.
TOLD_INTERVAL, UNTOLD_INTERVAL = 10.0, 1.0


class Command(BaseCommand):
    """Run tasks as they come, and those that killed processes left behind."""

    help = (
        "Process uploads beside the site until stopped. SIGTERM finishes the upload at hand. "
        "Several workers may run, on one machine or many."
    )

    # When uploads that became no photo were last deleted, on the monotonic clock.
    collected = -COLLECT_EVERY
    # When digests were last looked for.
    digested = -DIGEST_EVERY
    # When photos without their largest size were last looked for, and up to which id.
    enlarged = -ENLARGE_EVERY
    enlarged_to = 0

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare ``--interval`` and ``--once``."""
        parser.add_argument(
            "--interval",
            type=float,
            help=f"seconds between looks when idle ({UNTOLD_INTERVAL:g}; {TOLD_INTERVAL:g} on "
            "PostgreSQL, which tells of tasks at once)",
        )
        parser.add_argument("--once", action="store_true", help="stop when nothing is left to do")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run tasks until a signal comes; raises ``CommandError`` if there can be none."""
        if not settings.BACKGROUND_WORKER:
            raise CommandError(
                "BACKGROUND_WORKER is false: uploads are processed inside the request, and there "
                "is nothing for a worker to do."
            )
        is_told = can_listen()
        interval = options["interval"]
        if interval is None:
            interval = TOLD_INTERVAL if is_told else UNTOLD_INTERVAL
        if not 0 < interval <= 10:
            raise CommandError("--interval must be more than 0 and at most 10 seconds.")
        snowflake.claim()
        worker = Worker(
            queue_names=["default"],
            interval=interval,
            batch=True,  # it returns when the queue is empty, so that we can sweep in between
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=f"{socket.gethostname()[:40]}-{os.getpid()}",
            excluded_queue_names=[],
        )
        worker.configure_signals()
        self.stdout.write("Waiting for uploads (stop with Ctrl-C or SIGTERM).")
        with closing(Listener(CHANNEL)) as listener:
            pause = listener.wait if is_told else time.sleep
            self._run(worker, lambda: pause(interval), once=options["once"])

    def _run(self, worker: Any, pause: Callable[[], None], *, once: bool) -> None:
        """Look for work until a signal comes, or until there is none; ``pause`` when idle."""
        while worker.running:
            try:
                busy = self._look(worker)
            except (DatabaseError, InterfaceError) as error:
                if once or not is_outage(error):
                    raise
                # The rows say what is to be done: it goes on from them when the database is back.
                worker.running_task = busy = False
                log_outage(error)
            close_old_connections()
            if not worker.running or (once and not busy):
                return
            if not busy:
                pause()

    def _look(self, worker: Worker) -> bool:
        """Run waiting tasks and process abandoned uploads; tell whether there were any of these."""
        worker.run()
        if time.monotonic() - self.collected > COLLECT_EVERY:
            publishing.delete_expired_uploads()
            deciding.end_suspensions()
            evidence.empty_bin()
            deleting.empty_bin()
            comments.empty_bin()
            export.delete_ended()
            jobs.delete_ended()
            self.collected = time.monotonic()
        if time.monotonic() - self.digested > DIGEST_EVERY:
            send_due()
            waiting.send_due()
            self.digested = time.monotonic()
        send_pushes()
        # A signal that comes now waits for the upload at hand, as it does in a task.
        worker.running_task = True
        swept = publishing.sweep()
        worker.running_task = False
        return bool(swept) or self._carry(worker) or self._enlarge(worker)

    def _carry(self, worker: Worker) -> bool:
        """Do a step of an archive on its way out, and of one on its way in; tell if any was."""
        worker.running_task = True
        exported, imported = export.work(), jobs.work()
        worker.running_task = False
        return exported or imported

    def _enlarge(self, worker: Worker) -> bool:
        """Make the largest size of one photo, where no upload waits; tell whether there was one."""
        if time.monotonic() - self.enlarged < ENLARGE_EVERY:
            return False
        worker.running_task = True
        after = self.enlarged_to or id_at(timezone.now() - RECENT)
        self.enlarged_to, made = large.make_next(after)
        worker.running_task = False
        if not made:
            self.enlarged = time.monotonic()
        return bool(made)
