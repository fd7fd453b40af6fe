"""``manage.py changepassword``: Django's command, which also ends the person's sessions."""

from __future__ import annotations

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword

from accounts import services
from accounts.models import User


class Command(changepassword.Command):
    """Set a password; every session and token made before stops working at once."""

    help = "Set the password of an account, and end all of its sessions and tokens."

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Ask for the password, set it and end all sessions and tokens."""
        said: str | None = super().handle(*args, **options)
        name = options["username"] or getpass.getuser()
        services.end_sessions(user=User.objects.get_by_natural_key(name))
        return said
