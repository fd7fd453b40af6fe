"""``manage.py words``: finds the texts of the site, brings the catalogs up to date, compiles them.

Django's ``makemessages`` and ``compilemessages`` with the options of this site, which GNU gettext
carries out. What was translated stays; a text that has changed is a new one, never a guess.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.commands import makemessages

# Folders and files without texts for readers of pages. Those of the admin stay English.
_IGNORED = (
    ".*",
    "build",
    "data",
    "docs",
    "findings",
    "infra",
    # Named by LOCALE_PATHS, which is not the one of this folder in a check.
    "locale",
    "node_modules",
    "requirements",
    "templates/admin/*",
    "tests",
    "*/migrations/*",
    "*/vendor/*",
)
_DOMAINS = {"django": ["html", "txt", "webmanifest", "py"], "djangojs": ["js"]}
# A line that differs from run to run.
_MADE_AT = re.compile(r'^"POT-Creation-Date:.*\n', re.MULTILINE)


class Command(makemessages.Command):
    """Bring the catalogs of all languages up to date."""

    help = "Bring the catalogs of languages up to date, or only tell if they are (--check)."
    # What has another wording is translated anew, and not what it once was.
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take ``--check`` alone: the rest is decided here."""
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail if out of date"
        )

    def handle(self, **options: Any) -> None:
        """Update the catalogs. Raises ``CommandError`` if ``--check`` finds one out of date."""
        held = Path(settings.LOCALE_PATHS[0])
        if not options["check"]:
            self._update(options)
            return
        with tempfile.TemporaryDirectory() as folder:
            fresh = Path(folder, "minigram_site", "locale")
            shutil.copytree(held, fresh)
            settings.LOCALE_PATHS = [fresh]
            try:
                self._update(options)
            finally:
                settings.LOCALE_PATHS = [held]
            stale = [
                path for path in _catalogs(fresh) if _differs(path, held / path.relative_to(fresh))
            ]
        if stale:
            names = ", ".join(sorted(f"{path.parents[1].name}/{path.name}" for path in stale))
            raise CommandError(f"Out of date: {names}. Run: make words")

    def _update(self, options: dict[str, Any]) -> None:
        languages = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
        for domain, extensions in _DOMAINS.items():
            super().handle(
                **options,
                domain=domain,
                extensions=extensions,
                locale=languages,
                exclude=[],
                all=False,
                symlinks=False,
                ignore_patterns=list(_IGNORED),
                use_default_ignore_patterns=True,
                no_wrap=False,
                no_location=False,
                add_location="file",
                no_obsolete=True,
                keep_pot=False,
            )
        folder = Path(settings.LOCALE_PATHS[0])
        for path in folder.rglob("*.po"):
            path.write_text(_MADE_AT.sub("", path.read_text()))
        ignored = list(_IGNORED)
        call_command("compilemessages", verbosity=0, locale=languages, ignore_patterns=ignored)


def _catalogs(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix in {".po", ".mo"}]


def _differs(one: Path, other: Path) -> bool:
    return not other.exists() or one.read_bytes() != other.read_bytes()
