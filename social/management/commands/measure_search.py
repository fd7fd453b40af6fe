"""``manage.py measure_search``: what searching costs among very many rows."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.test import Client

from accounts.models import User
from photos.models import PhotoTag
from social.demo import words
from social.demo.words import Vocabulary

WARM = 40


class Command(BaseCommand):
    """Fill an empty database with words, search in it, and print a table for the document."""

    help = "Measure search: fill an EMPTY database with very many rows, print what it costs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the sizes."""
        parser.add_argument("--people", type=int, default=50_000)
        parser.add_argument("--photos", type=int, default=500_000)
        parser.add_argument("--requests", type=int, default=300, help="of each kind")

    def handle(self, *_args: Any, people: int, photos: int, requests: int, **_options: Any) -> None:
        """Print the table. Raises ``CommandError`` where somebody's rows are."""
        if User.objects.exists():
            raise CommandError("This database is in use: measure in one of its own.")
        settings.RATE_LIMITS, settings.ALLOWED_HOSTS = False, ["*"]  # of this process
        began = _cpu()
        vocabulary, tags = words.write(people, photos, self.stdout.write)
        self.stdout.write(f"Rows took {_cpu() - began:.0f} s of CPU.")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")
            if connection.vendor == "postgresql":
                # As the connections of a served process are.
                cursor.execute("SET jit = off")
        links = PhotoTag.objects.count()
        self.stdout.write(
            f"{people:,} people, {photos:,} photos, {links:,} tags of photos, {words.TAGS:,} tags"
        )
        self.stdout.write("| CPU ms per request | mean | p95 | most |\n|---|---:|---:|---:|")
        for name, addresses in _kinds(vocabulary, tags, requests).items():
            self.stdout.write(f"| {name} | {_measured(addresses)} |")


def _kinds(vocabulary: Vocabulary, tags: Vocabulary, number: int) -> dict[str, list[str]]:
    """Return addresses by what they stand for."""
    chance = random.Random(words.SEED)
    typed = vocabulary.draw(number) + tags.draw(number)
    chance.shuffle(typed)
    suggestions, lists = "/search/suggestions/?q=", "/search/?kind="
    kinds = {
        f"typing, {length} letters": [suggestions + word[:length] for word in typed[:number]]
        for length in (1, 2, 3, 4, 6)
    }
    rare = vocabulary.words[-number:]
    kinds["a page that finds nothing to do"] = ["/search/"] * number
    kinds["people"] = [f"{lists}people&q={word}" for word in vocabulary.draw(number)]
    kinds["tags"] = [f"{lists}tags&q={word[:4]}" for word in tags.draw(number)]
    kinds["photos, words as they are used"] = [
        f"{lists}photos&q={word}" for word in vocabulary.draw(number)
    ]
    kinds["photos, rare words"] = [f"{lists}photos&q={word}" for word in rare]
    kinds["photos, beginnings of 3 letters"] = [
        f"{lists}photos&q={word[:3]}" for word in chance.sample(vocabulary.words, number)
    ]
    kinds["photos, two words"] = [
        f"{lists}photos&q={'+'.join(vocabulary.draw(2))}" for _ in range(number)
    ]
    return kinds


def _measured(addresses: list[str]) -> str:
    """Return mean, 95th percentile and most of the CPU milliseconds of these requests."""
    client = Client()
    client.force_login(User.objects.get(pk=1))
    for address in addresses[:WARM]:
        client.get(address)
    whole, single = _cpu(), []
    for address in addresses:
        began = time.process_time(), time.perf_counter()
        if client.get(address).status_code != 200:
            raise CommandError(f"{address} was not answered.")
        # A server's own clock ticks too coarsely for one request: its share is the time waited.
        own, waited = time.process_time() - began[0], time.perf_counter() - began[1]
        single.append(1000 * (own if connection.vendor == "sqlite" else waited))
    mean = 1000 * (_cpu() - whole) / len(addresses)
    single.sort()
    return f"{mean:.2f} | {single[int(len(single) * 0.95)]:.2f} | {single[-1]:.2f}"


def _cpu() -> float:
    """Return the CPU seconds of this process, and of its session of PostgreSQL on this machine."""
    own = time.process_time()
    if connection.vendor != "postgresql":
        return own
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        fields = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return own + ticks / os.sysconf("SC_CLK_TCK")
