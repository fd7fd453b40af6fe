#!/usr/bin/env python
"""Run MiniGram's management commands: ``python manage.py help`` lists them."""

import os
import secrets
import sys

from django.core.exceptions import ImproperlyConfigured

from infra.ops import settings_file
from infra.ops.command_line import CommandLine, asks_for_help, needs_no_configuration


def main() -> None:
    """Run the command named on the command line; a bad configuration is one readable message."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minigram_site.settings")
    if sys.argv[1:2] == ["cluster"]:
        # It signs nothing itself, and gives the sites that it starts a secret of their own.
        os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(64))
    elif not asks_for_help(sys.argv) and not needs_no_configuration(sys.argv):
        settings_file.use()
    try:
        CommandLine(sys.argv).execute()
    except ImproperlyConfigured as error:
        sys.exit(f"MiniGram cannot start: {error}{settings_file.hint()}")


if __name__ == "__main__":
    main()
