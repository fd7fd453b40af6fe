"""``manage.py cluster``: runs any stage of the site on this machine, from the real servers."""

from __future__ import annotations

import signal
import sys
import time
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from infra.cluster import Cluster, ClusterError
from infra.cluster.lifecycle.starting import tail
from infra.cluster.lifecycle.status import rows, table
from infra.cluster.topology import STAGES

# Actions on single parts: the method of ``Cluster`` and the help.
PART_ACTIONS = {
    "start": "start parts that are down",
    "stop": "stop parts in the way that loses nothing",
    "restart": "restart parts one after the other, each when the one before is ready",
    "kill": "kill parts, as a power cut would (SIGKILL)",
    "pause": "let parts hang (SIGSTOP)",
    "resume": "let paused parts go on (SIGCONT)",
}
FOLLOW_SECONDS = 0.2


class Command(BaseCommand):
    """Start, watch, disturb and stop a stage."""

    help = "Run any stage on this machine, on loopback, from the real servers."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the actions and their options."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        _add_up(actions)
        _add(actions, "status", "show each process: role, address, pid, memory, health, lag")
        for name, text in PART_ACTIONS.items():
            _add(actions, name, text).add_argument("names", nargs="+", metavar="NAME")
        text = "show the end of a part's log; access: the requests that nginx had"
        logs = _add(actions, "logs", text)
        logs.add_argument("name", metavar="NAME")
        logs.add_argument("--lines", type=int, default=50, metavar="N", help="how many (50)")
        logs.add_argument("--follow", action="store_true", help="and what comes, until Ctrl-C")
        manage = _add(actions, "manage", "run another command of manage.py on the cluster's data")
        manage.add_argument("arguments", nargs="...", metavar="COMMAND")
        down = _add(actions, "down", "stop everything")
        down.add_argument("--purge", action="store_true", help="and remove the data")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one action. Raises ``CommandError`` with one message for whatever prevents it."""
        data = options["data"] or settings.DATA_DIR / "cluster"
        cluster = Cluster(data, self._report)
        try:
            if options["action"] in PART_ACTIONS:
                getattr(cluster, options["action"])(*options["names"])
            else:
                getattr(self, f"_{options['action']}")(cluster, options)
        except ClusterError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Interrupted.", returncode=130) from None

    def _report(self, message: str) -> None:
        self.stdout.write(message)
        self.stdout.flush()

    def _up(self, cluster: Cluster, options: dict[str, Any]) -> None:
        with _interruptible_once():
            cluster.up(
                options["stage"],
                port=options["port"],
                env=_pairs(options["env"]),
                delays=_pairs(options["replay_delay"]),
                sentinels=options["sentinels"],
            )

    def _status(self, cluster: Cluster, options: dict[str, Any]) -> None:
        self.stdout.write(f"Stage {cluster.state.stage} at {cluster.url} in {cluster.data}")
        self.stdout.write(table(rows(cluster)))

    def _logs(self, cluster: Cluster, options: dict[str, Any]) -> None:
        log = cluster.log(options["name"])
        self.stdout.write(tail(log, options["lines"]))
        if options["follow"]:
            self._follow(log)

    def _follow(self, log: Path) -> None:
        """Print what is appended to a file, until ``KeyboardInterrupt``."""
        with log.open() as file:
            file.seek(0, 2)
            while True:
                if text := file.read():
                    self.stdout.write(text, ending="")
                    self.stdout.flush()
                else:
                    time.sleep(FOLLOW_SECONDS)

    def _manage(self, cluster: Cluster, options: dict[str, Any]) -> None:
        if not options["arguments"]:
            raise ClusterError("Which command? For example: cluster manage createsuperuser")
        sys.exit(cluster.manage_here(*options["arguments"]))

    def _down(self, cluster: Cluster, options: dict[str, Any]) -> None:
        cluster.down(purge=options["purge"])
        kept = "" if options["purge"] else f" The data stays in {cluster.data}."
        self.stdout.write(f"The cluster is down.{kept}")


def _add(actions: _SubParsersAction[Any], name: str, text: str) -> ArgumentParser:
    """Add an action with the option that all of them have."""
    parser: ArgumentParser = actions.add_parser(name, help=text, description=text)
    parser.add_argument("--data", type=Path, help="the cluster's folder (cluster in DATA_DIR)")
    return parser


def _add_up(actions: _SubParsersAction[Any]) -> None:
    up = _add(actions, "up", "start a stage; returns when the site is ready")
    up.add_argument("--stage", type=int, choices=STAGES, required=True, help="which stage")
    up.add_argument("--port", type=_port, help="of the site (8000, or a free one)")
    up.add_argument(
        "--env",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a variable of infra/example.env for the site",
    )
    up.add_argument(
        "--replay-delay",
        action="append",
        default=[],
        metavar="replica1=5s",
        help="let a replica replay late",
    )
    up.add_argument(
        "--sentinels",
        action="store_true",
        help="Stage 5 with a second Redis and three Sentinels, which replace a lost one",
    )


@contextmanager
def _interruptible_once() -> Iterator[None]:
    """Let the first SIGINT or SIGTERM raise ``KeyboardInterrupt``, and ignore the next ones.

    What the body does to clean up is not interrupted again.
    """

    def interrupt(number: int, frame: object) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {each: signal.signal(each, interrupt) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _pairs(values: list[str]) -> dict[str, str]:
    """Return NAME=VALUE texts as a mapping. Raises ``ClusterError`` for any other text."""
    pairs = {}
    for value in values:
        name, is_pair, rest = value.partition("=")
        if not is_pair or not name:
            raise ClusterError(f"{value!r} must look like NAME=VALUE.")
        pairs[name] = rest
    return pairs


def _port(text: str) -> int:
    """Return a TCP port. Raises ``ValueError``, which argparse explains, if it is none."""
    port = int(text)
    if not 0 < port < 65536:
        raise ValueError
    return port
