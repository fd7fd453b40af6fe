"""The command line of ``manage.py``: our commands first, and help without any configuration.

Django reads the settings before it lists or explains commands, and lists its own alone where they
cannot be read. Here a call that only asks for help never reads the site's configuration.
"""

from __future__ import annotations

import os
import re
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from tempfile import TemporaryDirectory
from textwrap import wrap

from django.core.management import ManagementUtility, get_commands
from django.core.management.color import color_style

from infra.ops.site_variables import site_variables

GROUPS = {
    "Run the site": ("worker", "keeper"),
    "Look after it": (
        "setup",
        "doctor",
        "backup",
        "restore",
        "migrate",
        "maintain",
        "send_digests",
        "counters",
        "changepassword",
        "remove_factors",
        "check_media",
        "large_sizes",
        "reconcile",
        "rebuild_feeds",
        "search_index",
        "licences",
    ),
    "Translate it": ("words",),
    "Data": ("export", "import", "copy_site", "demo", "populate"),
    "Stages and measurements": (
        "cluster",
        "lab",
        "diagnostic",
        "stress",
        "drill",
        "breaking",
        "metrics",
        "bench",
        "measure_search",
    ),
}
OTHERS = "Django's own and the libraries'"
# What stands behind these two words is the command line of another process.
PASSED_ON = ("cluster", "manage")
# It makes the configuration, and reads none to begin with.
WITHOUT_CONFIGURATION = ("setup",)
WIDTH = 100


class CommandLine(ManagementUtility):
    """Django's utility with the commands of this project explained first."""

    def execute(self) -> None:
        """Run the command that was named, or show the help that was asked for.

        Raises ``ImproperlyConfigured`` if a command needs the configuration and it is faulty.
        """
        if not asks_for_help(self.argv) and not needs_no_configuration(self.argv):
            super().execute()
            return
        # The settings, and the counts of each process, make folders: these are gone afterwards.
        with TemporaryDirectory(prefix="minigram-help-") as folder:
            replace_configuration(folder)
            super().execute()

    def main_help_text(self, commands_only: bool = False) -> str:  # noqa: FBT001, FBT002 - Django's
        """Return the list of commands: ours by purpose with a sentence each, the others by app."""
        if commands_only or self.settings_exception is not None:
            return super().main_help_text(commands_only)
        apps = get_commands()
        ours = {name for names in GROUPS.values() for name in names} & apps.keys()
        heading = color_style().NOTICE
        lines = ["", f"Type '{self.prog_name} help COMMAND' for the options of a command."]
        for title, names in GROUPS.items():
            lines += ["", heading(title)]
            lines += [_line(name, self._summary(name)) for name in names if name in ours]
        lines += ["", heading(OTHERS)]
        lines += _by_app({name: str(app) for name, app in apps.items() if name not in ours})
        return "\n".join(lines)

    def _summary(self, name: str) -> str:
        """Return what a command does in one sentence. Costs the import of the command."""
        return first_sentence(self.fetch_command(name).help)


def asks_for_help(argv: Sequence[str]) -> bool:
    """Tell whether this command line (the program first) shows help and does nothing else."""
    words = list(argv[1:])
    if not words or words[0] in {"help", "-h", "--help"}:
        return True
    command, passing = PASSED_ON
    if words[0] == command and passing in words:
        words = words[: words.index(passing) + 2]
    options = words[: words.index("--")] if "--" in words else words
    return not {"-h", "--help"}.isdisjoint(options)


def needs_no_configuration(argv: Sequence[str]) -> bool:
    """Tell whether this command line (the program first) is of a command that reads none."""
    return argv[1:2] != [] and argv[1] in WITHOUT_CONFIGURATION


def replace_configuration(data: str) -> None:
    """Put a configuration that is valid everywhere, with this data folder, into ``os.environ``."""
    for name in site_variables():
        os.environ.pop(name, None)
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(64)
    os.environ["DATA_DIR"] = data


def first_sentence(text: str) -> str:
    """Return a text up to the end of its first sentence."""
    return re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0]


def _line(name: str, text: str) -> str:
    return f"  {name:15} {text}"


def _by_app(apps: Mapping[str, str]) -> list[str]:
    """Return the names of commands (to the app of each), one paragraph for each app."""
    names = defaultdict(list)
    for name, app in apps.items():
        names["django" if app == "django.core" else app.rpartition(".")[-1]].append(name)
    lines = []
    for app, commands in sorted(names.items()):
        first, *rest = wrap(", ".join(sorted(commands)), WIDTH - 18)
        lines += [_line(app, first), *(_line("", text) for text in rest)]
    return lines
