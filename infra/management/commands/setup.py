"""``manage.py setup``: a site with TLS, mail, administrator and backup on this host."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from infra.ops.render_config import MissingValues
from infra.setup import answers, env_file, host, installing
from infra.setup.errors import SetupError
from infra.setup.installing import Choices, Plan
from infra.setup.layout import HOST, Layout
from infra.setup.programs import Site

ADDRESSES = {"database": "DATABASE_URL", "replicas": "DATABASE_REPLICA_URLS", "cache": "CACHE_URL"}


class Command(BaseCommand):
    """The command: ask, show what would change, and do it; a second run changes nothing."""

    help = (
        "Set a site up on this host, or change what it was set up with. Asks what it has to know, "
        "shows every file that would change, then writes the site's variables, systemd's units and "
        "nginx's site, fills the database, makes the administrator and sends a test mail. A file "
        "that you have edited is left alone, and secrets are never made anew."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the answers, which are asked for where they are left out, and how to go about."""
        for name, question in answers.QUESTIONS.items():
            parser.add_argument(f"--{name.replace('_', '-')}", metavar="ANSWER", help=question)
        for name, variable in ADDRESSES.items():
            parser.add_argument(
                f"--{name}", metavar="URL", help=f"{variable}, where it is not of this host"
            )
        parser.add_argument("--certificate", default="", metavar="FILE", help="with its chain, PEM")
        parser.add_argument("--key", default="", metavar="FILE", help="the key of --certificate")
        parser.add_argument(
            "--letsencrypt",
            action="store_true",
            help="fetch a certificate by certbot, and agree to the terms of Let's Encrypt",
        )
        parser.add_argument(
            "--root", type=Path, default=HOST, metavar="FOLDER", help="below it, and start nothing"
        )
        switches = {
            "--no-input": "ask nothing; DJANGO_SUPERUSER_PASSWORD is the administrator's password",
            "--dry-run": "show what would change, and change nothing",
            "--overwrite": "replace files that you have edited, and keep yours as NAME.orig",
            "--change-domain": "let a site go by another name, under which no passkey works",
        }
        for switch, text in switches.items():
            parser.add_argument(switch, action="store_true", help=text)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Set up; raises ``CommandError`` with what is wrong and what to do."""
        try:
            self._set_up(options)
        except (SetupError, MissingValues, OSError) as error:
            raise CommandError(str(error)) from error

    def _set_up(self, options: dict[str, Any]) -> None:
        layout = Layout(options["root"].resolve())
        host.refuse_unable(layout)
        plan = self._plan(layout, options)
        for change in plan.changes:
            self.stdout.write("\n".join(change.lines()) + "\n")
        if not plan.changes:
            self.stdout.write("All files are as they are to be.")
        if options["dry_run"] or not self._agreed(plan):
            return
        said = installing.carry_out(plan, self.stdout.write)
        if layout.is_host:
            Site(plan.site, host.USER).show("doctor")
        self._tell(plan, said)

    def _plan(self, layout: Layout, options: dict[str, Any]) -> Plan:
        if bool(options["certificate"]) != bool(options["key"]):
            raise SetupError("--certificate and --key belong together.")
        former = env_file.read(layout.site_env)
        known = {**former, **env_file.read(layout.backup_env)} if former else {}
        given = answers.collect(options, known, None if options["no_input"] else _ask)
        named = {ADDRESSES[name]: options[name] for name in ADDRESSES if options[name]}
        choices = Choices(
            addresses=named,
            certificate=options["certificate"],
            key=options["key"],
            lets_encrypt=options["letsencrypt"],
            overwrite=options["overwrite"],
            change_domain=options["change_domain"],
            interactive=not options["no_input"],
            password=os.environ.get("DJANGO_SUPERUSER_PASSWORD", ""),
        )
        return installing.plan(layout, given, choices)

    def _agreed(self, plan: Plan) -> bool:
        if not plan.changes or not plan.choices.interactive:
            return True
        return _ask("Write these files and go on (y or n)", "y").lower() in {"y", "yes"}

    def _tell(self, plan: Plan, said: list[str]) -> None:
        for sentence in said:
            self.stdout.write(sentence)
        if not plan.layout.is_host:
            self.stdout.write(f"Nothing was started: the files are below {plan.layout.root}.")
        self.stdout.write(f"The site is {plan.site['SITE_URL']}")


def _ask(question: str, answer: str) -> str:
    """Return what is typed at the terminal; for nothing, the answer that is offered.

    Raises ``SetupError`` where there is no terminal.
    """
    try:
        return input(f"{question} [{env_file.without_secrets(answer)}]: ").strip() or answer
    except EOFError:
        raise SetupError("Nobody is there to answer: give options, and --no-input.") from None
