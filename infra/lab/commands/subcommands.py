"""The subcommands of ``manage.py lab``: one table, and the Django commands made from it.

A subcommand is a module of this package with two functions: ``add_arguments(parser)`` and
``run(command, options)``. It is imported only once its own arguments are parsed: the list of
subcommands is shown also where the packages of the lab are not installed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from infra.lab.records import LARGEST_P95, LEAST_SUCCESS


@dataclass(frozen=True)
class Subcommand:
    """One subcommand: its name, one line for the list, and what its own help says."""

    name: str
    summary: str
    description: str

    @property
    def help(self) -> str:
        """The summary as a sentence, which ``manage.py help`` lists, and the description."""
        return f"{self.summary[0].upper()}{self.summary[1:]}. {self.description}"

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options; raises ``CommandError`` if a package that it needs is missing."""
        self._call("add_arguments", parser)

    def run(self, command: BaseCommand, options: dict[str, Any]) -> None:
        """Run the subcommand, writing to ``command.stdout``.

        Raises ``CommandError`` for everything that a person can act on: what is missing, what was
        asked for in vain, and what was found to be wrong.
        """
        self._call("run", command, options)

    def _call(self, function: str, *arguments: Any) -> None:
        try:
            module = import_module(f"infra.lab.commands.{self.name}")
            getattr(module, function)(*arguments)
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("infra"):
                raise
            reason = (
                f"{self.name} needs {error.name}: use the environment that `make install` sets up."
            )
            raise CommandError(reason) from error


SUBCOMMANDS = {
    one.name: one
    for one in (
        Subcommand(
            "diagnostic",
            "whether a site or a stage works, and what to do if not",
            "Looks at all that `manage.py doctor` looks at, and visits the site from registration "
            "to the deletion of the account. Without --stage: the site that this environment "
            "configures. Exit code 1 if something does not work.",
        ),
        Subcommand(
            "stress",
            "simulated people use a stage: rates, latencies, costs",
            "Simulated people register, log in, read, like, follow, comment, upload and log out. "
            "Prints rates, latencies, failures by cause, and what the servers needed.",
        ),
        Subcommand(
            "breaking",
            "how many people at once a stage holds",
            f"Raises the number of people step by step until fewer than {LEAST_SUCCESS:.0%} of the "
            f"requests succeed or the 95th percentile passes {LARGEST_P95:.0f} ms.",
        ),
        Subcommand(
            "drill",
            "faults under load, against what was declared",
            "Kills, pauses, delays and restarts parts of a stage under load. Reports what failed, "
            "was stale, wrong, lost or doubled, the time to recover, and whether all that was "
            "expected.",
        ),
        Subcommand(
            "soak",
            "whether the memory of an instance stays what it is",
            "People and a visitor use one instance of a stage for a while, reading and writing all "
            "there is. Prints the memory of each gunicorn process at intervals, and its slope over "
            "the second half of the time. Exit code 1 if one of them is not flat.",
        ),
        Subcommand(
            "bench",
            "CPU time per request, beside other revisions and peers",
            "Starts a stage on loopback with a data set of its own, and what is to stand beside "
            "it, and measures them in turn with the requests of many people. Prints CPU "
            "milliseconds per request of all servers, ratios, goals and statements as Markdown.",
        ),
        Subcommand(
            "collect",
            "measure stages and store the records",
            "Measures stages part by part and stores each record as soon as it is there. A part "
            "that fails is reported and left out. Exit code 1 if not everything was measured.",
        ),
        Subcommand(
            "compare",
            "stages or records side by side, with a verdict",
            "Compares stages or records: ratios with their 95 % intervals, and a verdict for each "
            "figure. The first one is what the others are compared with.",
        ),
        Subcommand(
            "export",
            "write docs/performance.md from the records",
            "Writes the document of performance and all files beside it from the stored records.",
        ),
        Subcommand(
            "plan",
            "what a number of people needs, on paper",
            "Computes machines, connections, storage and bandwidth for a number of people, and "
            "names the limits that are passed on the way. Every assumption is an option.",
        ),
    )
}


class LazyParser(CommandParser):
    """A parser whose arguments are declared when it is first asked to parse."""

    def __init__(self, *, fill: Callable[[CommandParser], None], **options: Any) -> None:
        super().__init__(**options)
        self._fill: Callable[[CommandParser], None] | None = fill

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Declare the arguments, once, and parse; exits with code 2 for unknown ones."""
        if self._fill is not None:
            fill, self._fill = self._fill, None
            fill(self)
        return super().parse_known_args(args, namespace)


class GroupCommand(BaseCommand):
    """A Django command that consists of subcommands, named by ``subcommands``."""

    requires_system_checks: list[str] = []
    subcommands: ClassVar[tuple[str, ...]]

    def add_arguments(self, parser: CommandParser) -> None:
        """List the subcommands with one line each."""
        actions = parser.add_subparsers(
            dest="subcommand",
            required=True,
            title="subcommands",
            metavar="SUBCOMMAND",
            parser_class=LazyParser,
        )
        for name in self.subcommands:
            one = SUBCOMMANDS[name]
            actions.add_parser(
                name, help=one.summary, description=one.description, fill=one.add_arguments
            )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the chosen subcommand; raises ``CommandError`` for what a person can act on."""
        SUBCOMMANDS[options["subcommand"]].run(self, options)


class AliasCommand(BaseCommand):
    """A Django command that is one subcommand of ``lab`` under a name of its own."""

    requires_system_checks: list[str] = []
    subcommand: ClassVar[str]

    def __init_subclass__(cls) -> None:
        """Take the help of the subcommand."""
        cls.help = SUBCOMMANDS[cls.subcommand].help

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options of the subcommand."""
        SUBCOMMANDS[self.subcommand].add_arguments(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the subcommand; raises ``CommandError`` for what a person can act on."""
        SUBCOMMANDS[self.subcommand].run(self, options)
