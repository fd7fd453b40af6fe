"""``manage.py bench``: what the main calls cost, in CPU time of the server."""

from __future__ import annotations

import json
import platform
from argparse import ArgumentParser
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from infra.bench.measure import Operation, always, call
from infra.bench.server import Server, environment, free_port, inside, manage, serving

APPLICATION = "minigram_site.wsgi:application"
FEED = "/api/v1/feed/"
HEADINGS = f"{'operation':42} {'CPU us':>8} {'range':>13} {'per s':>7} {'x floor':>8}"
PASSWORD = "bench-mark-password-1"  # noqa: S105 - of people who exist for the measurement only


class Command(BaseCommand):
    """Measure Stage 1: one gunicorn process on SQLite, beside a server that does nothing."""

    help = (
        "Starts the site on loopback with a data set of its own and prints CPU microseconds per "
        "request, requests per second and the ratio to a bare WSGI application."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the sizes of the data set and of the measurement."""
        parser.add_argument("--users", type=int, default=1000)
        parser.add_argument("--follows", type=int, default=50)
        parser.add_argument("--photos", type=int, default=20_000)
        parser.add_argument("--likes", type=int, default=100_000)
        parser.add_argument(
            "--dormant", type=int, default=500, help="dormant follows of a second site"
        )
        parser.add_argument("--requests", type=int, default=400, help="requests per round")
        parser.add_argument("--rounds", type=int, default=5)
        parser.add_argument("--json", type=Path, help="also write the figures to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure and print."""
        if find_spec("psutil") is None:
            raise CommandError("bench needs psutil: use the environment that `make test` sets up.")
        if options["requests"] < 1 or options["rounds"] < 1:
            raise CommandError("--requests and --rounds must be at least 1.")
        with ExitStack() as stack:
            site = self._site(stack, options, dormant=0)
            sleepy = self._site(stack, options, dormant=options["dormant"])
            operations = _operations(stack, site, sleepy, options["dormant"])
            alone: list[int] = []
            for number in range(options["rounds"]):
                self.stdout.write(f"Round {number + 1} of {options['rounds']} ...")
                for operation in operations:
                    operation.measure(options["requests"])
                alone.append(inside(site, options["requests"], FEED, _token(site)))
            self._report(operations, alone, options)

    def _site(self, stack: ExitStack, options: dict[str, Any], dormant: int) -> Server:
        """Load a data set and serve it."""
        data = Path(stack.enter_context(TemporaryDirectory(prefix="minigram-bench-")))
        env = environment(data, free_port())
        self.stdout.write(f"Loading {options['photos']} photos, {dormant} dormant follows ...")
        manage(env, "migrate", "--verbosity", "0")
        manage(env, "collectstatic", "--no-input", "--verbosity", "0")
        sizes = [f"--{name}={options[name]}" for name in ("users", "follows", "photos", "likes")]
        if dormant:
            sizes.append(f"--dormant={dormant}")
        manage(env, "populate", *sizes, f"--password={PASSWORD}", "--verbosity", "0")
        return stack.enter_context(serving(env, APPLICATION, "/readyz"))

    def _report(
        self, operations: list[Operation], alone: list[int], options: dict[str, Any]
    ) -> None:
        floor = median(operations[0].cpu_us)
        if not floor:
            raise CommandError("CPU time is counted in steps of 10 ms: use more --requests.")
        rows = [operation.summary(floor) for operation in operations]
        self.stdout.write(f"\n{HEADINGS}")
        for row in rows:
            low, high = row["cpu_us_range"]
            self.stdout.write(
                f"{row['operation']:42} {row['cpu_us']:>8} {f'{low}-{high}':>13} "
                f"{row['per_second']:>7} {row['times_floor']:>8}"
            )
        self.stdout.write(
            f"\nfeed, the application alone, warm: {round(median(alone))} us of CPU "
            f"({min(alone)}-{max(alone)})"
        )
        if options["json"]:
            names = ("users", "follows", "photos", "likes", "dormant", "requests", "rounds")
            record = {
                "python": platform.python_version(),
                "sizes": {name: options[name] for name in names},
                "rows": rows,
                "feed_application_alone_us": alone,
            }
            options["json"].write_text(json.dumps(record, indent=2) + "\n")


def _token(server: Server) -> str:
    """Log in the first person of the data set."""
    credentials = {"username": "user1", "password": PASSWORD}
    return str(call(server, "POST", "/api/v1/auth/token/", credentials)["access"])


def _operations(stack: ExitStack, site: Server, sleepy: Server, dormant: int) -> list[Operation]:
    """Start what is still missing and return what is measured, the floor first."""
    floor_env = environment(Path(), free_port())
    floor = stack.enter_context(serving(floor_env, "infra.bench.floor:application", "/"))
    free_env = {**site.env, "PORT": str(free_port()), "PIN_WORKERS": "false"}
    free = stack.enter_context(serving(free_env, APPLICATION, "/readyz"))
    token = _token(site)
    mine = {"Authorization": f"Bearer {token}"}
    theirs = {"Authorization": f"Bearer {_token(sleepy)}"}
    first = call(site, "GET", FEED, token=token)
    older = first["next"].partition(f":{site.port}")[2]
    photo = f"/api/v1/photos/{first['results'][0]['id']}/"

    def like(number: int) -> tuple[str, str]:
        return ("PUT" if number % 2 else "DELETE"), f"{photo}like/"

    return [
        Operation("floor: bare WSGI application", floor, always("/")),
        Operation("feed, 20 photos", site, always(FEED), mine),
        Operation(f"feed, {dormant} dormant follows more", sleepy, always(FEED), theirs),
        Operation("feed, second page", site, always(older), mine),
        Operation("feed, 8 at once", site, always(FEED), mine, at_once=8),
        Operation("feed, 8 at once, PIN_WORKERS=false", free, always(FEED), mine, at_once=8),
        Operation("one photo", site, always(photo), mine),
        Operation("profile", site, always("/api/v1/users/user2/"), mine),
        Operation("photos of a profile", site, always("/api/v1/users/user2/photos/"), mine),
        Operation("explore", site, always("/api/v1/explore/"), mine),
        Operation("explore, popular", site, always("/api/v1/explore/?sort=popular"), mine),
        Operation("like and unlike", site, like, mine),
        Operation("explore as a page, 24 photos", site, always("/explore/")),
    ]
