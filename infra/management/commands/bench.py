"""``manage.py bench``: what the main calls cost, in CPU time of the server."""

from __future__ import annotations

import json
import platform
from argparse import ArgumentParser
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from infra.bench.measure import Operation, always, call
from infra.bench.server import Server, environment, free_port, manage, serving

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
            operations = self._operations(stack, options)
            for number in range(options["rounds"]):
                self.stdout.write(f"Round {number + 1} of {options['rounds']} ...")
                for operation in operations:
                    operation.measure(options["requests"])
            self._report(operations, options)

    def _operations(self, stack: ExitStack, options: dict[str, Any]) -> list[Operation]:
        """Start the servers and return what is measured, the floor first."""
        site = self._site(stack, options, dormant=0)
        sleepy = self._site(stack, options, dormant=options["dormant"])
        floor_env = environment(Path(), free_port())
        floor = stack.enter_context(serving(floor_env, "infra.bench.floor:application", "/"))
        return [
            Operation("floor: bare WSGI application", floor, always("/")),
            *_site_operations(site),
            Operation(
                f"feed, {options['dormant']} dormant follows more",
                sleepy,
                always("/api/v1/feed/"),
                _log_in(sleepy),
            ),
        ]

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
        return stack.enter_context(serving(env, "minigram_site.wsgi:application", "/readyz"))

    def _report(self, operations: list[Operation], options: dict[str, Any]) -> None:
        floor = sorted(operations[0].cpu_us)[len(operations[0].cpu_us) // 2]
        rows = [operation.summary(floor) for operation in operations]
        self.stdout.write(
            f"\n{'operation':42} {'CPU us':>8} {'range':>13} {'per s':>7} {'x floor':>8}"
        )
        for row in rows:
            low, high = row["cpu_us_range"]
            self.stdout.write(
                f"{row['operation']:42} {row['cpu_us']:>8} {f'{low}-{high}':>13} "
                f"{row['per_second']:>7} {row['times_floor']:>8}"
            )
        if options["json"]:
            sizes = {
                name: options[name] for name in ("users", "follows", "photos", "likes", "dormant")
            }
            record = {"python": platform.python_version(), "sizes": sizes, "rows": rows}
            options["json"].write_text(json.dumps(record, indent=2) + "\n")


def _log_in(server: Server) -> dict[str, str]:
    """Return the headers of the first person of the data set."""
    credentials = {"username": "user1", "password": PASSWORD}
    tokens = call(server, "POST", "/api/v1/auth/token/", credentials)
    return {"Authorization": f"Bearer {tokens['access']}"}


def _site_operations(site: Server) -> list[Operation]:
    headers = _log_in(site)
    token = headers["Authorization"].removeprefix("Bearer ")
    first = call(site, "GET", "/api/v1/feed/", token=token)
    older = first["next"].partition(f":{site.port}")[2]
    photo = f"/api/v1/photos/{first['results'][0]['id']}/"

    def like(number: int) -> tuple[str, str]:
        return ("PUT" if number % 2 else "DELETE"), f"{photo}like/"

    return [
        Operation("feed, 20 photos", site, always("/api/v1/feed/"), headers),
        Operation("feed, second page", site, always(older), headers),
        Operation("one photo", site, always(photo), headers),
        Operation("profile", site, always("/api/v1/users/user2/"), headers),
        Operation("photos of a profile", site, always("/api/v1/users/user2/photos/"), headers),
        Operation("explore", site, always("/api/v1/explore/"), headers),
        Operation("explore, popular", site, always("/api/v1/explore/?sort=popular"), headers),
        Operation("like and unlike", site, like, headers),
        Operation("explore as a page, 24 photos", site, always("/explore/")),
    ]
