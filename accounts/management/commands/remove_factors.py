"""``manage.py remove_factors``: for an administrator who has lost the second factor."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.factors import service
from accounts.models import User


class Command(BaseCommand):
    """Remove the second factors of an account; the password alone logs in from then on."""

    help = "Remove the second factors of an account; its password alone logs in then."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name of the account."""
        parser.add_argument("username")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Remove the factors and say so. Raises ``CommandError`` for a name that nobody has."""
        user = User.objects.named(options["username"]).first()
        if user is None:
            raise CommandError(f"There is nobody called {options['username']}.")
        removed = service.remove_all(user)
        self.stdout.write(f"{user}: " + ("removed." if removed else "there were none."))
