"""``manage.py populate``: load a large, reproducible data set for benchmarks and load tests."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from social.demo.plan import CannotPopulate, Sizes
from social.demo.populate import populate


class Command(BaseCommand):
    """Load the data set; repeated with equal sizes, nothing changes."""

    help = "Load many people, follows, photos and likes, for benchmarks and load tests."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the sizes, with those of the project's benchmarks as defaults."""
        sizes = {
            "users": (1000, "people, user1 to userN"),
            "follows": (50, "people that each of them follows"),
            "photos": (20_000, "photos of all together"),
            "likes": (100_000, "likes of all together"),
            "dormant": (0, "people with two photos that are years old, followed by everyone"),
        }
        for name, (default, text) in sizes.items():
            parser.add_argument(
                f"--{name}", type=int, default=default, metavar="N", help=f"{text} ({default})"
            )
        parser.add_argument("--password", help="of everybody; without it nobody can log in")

    def handle(self, *_args: Any, password: str | None, **options: Any) -> None:
        """Load the data set and print how to log in; raises ``CommandError`` for unusable sizes."""
        names = ("users", "follows", "photos", "likes", "dormant")
        sizes = Sizes(**{name: options[name] for name in names})
        started = time.monotonic()
        if password == "":
            raise CommandError("--password must not be empty.")
        try:
            done = populate(sizes=sizes, password=password, report=self.stdout.write)
        except CannotPopulate as error:
            raise CommandError(str(error)) from error
        seconds = time.monotonic() - started
        self.stdout.write(
            f"Done in {seconds:.1f} s." if done else "The data set is there: nothing to do."
        )
        self.stdout.write(_login(sizes, password, done=done))


def _login(sizes: Sizes, password: str | None, *, done: bool) -> str:
    people = f"user1 to user{sizes.users}"
    if password is not None:
        return f"{people} log in with the password {password}"
    if done:
        return f"No password: nobody can log in as {people}. Run it again with --password."
    return f"No --password was given: {people} keep the one they have, if any."
