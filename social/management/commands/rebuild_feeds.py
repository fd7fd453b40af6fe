"""``manage.py rebuild_feeds``: rebuild stored feeds from their definition."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from accounts.models import User
from social.upkeep import rebuild_feeds


class Command(BaseCommand):
    """Rebuild the feeds of some people, or of all."""

    help = "Rebuild the stored home feeds of these people, or of all people."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the names and ``--all``."""
        parser.add_argument("names", nargs="*", help="usernames")
        parser.add_argument("--all", action="store_true", dest="everybody", help="everybody")

    def handle(self, *_args: Any, names: list[str], everybody: bool, **_options: Any) -> None:
        """Rebuild the feeds and print how many; unknown names are a ``CommandError``."""
        count = 0
        for count, owner in enumerate(rebuild_feeds(_owners(names, everybody=everybody)), 1):
            if not everybody:
                self.stdout.write(f"{owner.username}: done")
            elif count % 1000 == 0:
                self.stdout.write(f"{count} feeds ...")
        self.stdout.write(f"Rebuilt {count} {'feed' if count == 1 else 'feeds'}.")


def _owners(names: list[str], *, everybody: bool) -> QuerySet[User]:
    if everybody == bool(names):
        raise CommandError("Give usernames, or --all.")
    if everybody:
        return User.objects.all()
    wanted = {name.lower() for name in names}
    owners = User.objects.filter(username__in=wanted)
    unknown = wanted - set(owners.values_list("username", flat=True))
    if unknown:
        raise CommandError(f"Nobody has the name {', '.join(sorted(unknown))}.")
    return owners
