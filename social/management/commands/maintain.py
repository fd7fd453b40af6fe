"""``manage.py maintain``: the upkeep that a cron job or timer runs once a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.factors import totp
from accounts.provider import client
from minigram_site import counters
from minigram_site.fields.snowflake import id_at
from minigram_site.storage import public_links
from photos.bin import comments
from photos.files import large
from social.albums import deleting
from social.moderation import deciding, evidence
from social.notifications.filling import delete_left_over
from social.notifications.push.service import delete_closed
from social.portable import export, jobs
from social.publishing import delete_expired_uploads, sweep
from social.upkeep import delete_expired, delete_orphaned_entries, trim_feeds

# Photos of that time are looked through for sizes that are still to be made.
RECENT = timedelta(days=3)


class Command(BaseCommand):
    """Trim long feeds, delete expired rows, process abandoned uploads. Safe at any time."""

    help = (
        "Trim feeds, delete what has expired, resume abandoned uploads; run it daily. Deletes "
        "expired sessions and keys, uploads that became no photo, and what was in the bin "
        "for 30 days; processes the uploads of a killed process. Safe at any time."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run each task and print how much it found."""
        self.stdout.write(f"Trimmed {trim_feeds()} feeds.")
        self.stdout.write(f"Deleted {delete_orphaned_entries()} entries of feeds without a photo.")
        self.stdout.write(f"Deleted {delete_left_over()} notifications that are old or orphaned.")
        call_command("clearsessions")
        self.stdout.write(f"Deleted {delete_closed()} devices whose log-in has ended.")
        self.stdout.write(f"Took up {sweep()} uploads that a killed process had left.")
        self.stdout.write(f"Deleted {delete_expired_uploads()} uploads that became no photo.")
        if settings.BACKGROUND_WORKER:
            call_command("prune_db_task_results", min_age_days=1, verbosity=0)
        recent = id_at(timezone.now() - RECENT)
        self.stdout.write(f"Made {sum(large.make_all(recent))} largest sizes of new photos.")
        self.stdout.write(f"Deleted {public_links.sweep()} folders of links to hidden pictures.")
        self.stdout.write(f"Folded the counts of {counters.fold()} processes that have ended.")
        self.stdout.write(f"Ended {deciding.end_suspensions()} suspensions.")
        self.stdout.write(
            f"Deleted {evidence.empty_bin()} photos, {deleting.empty_bin()} albums and "
            f"{comments.empty_bin()} comments that were in the bin for 30 days."
        )
        sealed = totp.seal_anew() + client.seal_anew()
        self.stdout.write(f"Sealed {sealed} secrets under the new SECRET_KEY.")
        self.stdout.write(f"Deleted {export.delete_ended()} exports whose time was over.")
        self.stdout.write(f"Deleted {jobs.delete_ended()} imports whose time was over.")
        while export.work() or jobs.work():
            pass
        for what, count in delete_expired().items():
            self.stdout.write(f"Deleted {count} expired {what}.")
