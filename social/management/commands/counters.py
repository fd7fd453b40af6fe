"""``manage.py counters``: statements by server, and hits and misses of the cache."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand

from minigram_site import counters

# What a lookup in the cache can find; what it then leads to is counted apart.
FOUND = ("hit", "stale", "miss")
Table = dict[str, Counter[str]]


class Command(BaseCommand):
    """Show the counts of all processes that share this data folder."""

    help = (
        "Show reads and writes by server, and how often the cache helped. Counts are those of all "
        "processes that share this data folder, since the folder was made."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare ``--json``."""
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read the counts and print them. No query."""
        found = list(counters.totals())
        tables = {
            "statements": _table(found, "minigram_database_statements_total", "server", "kind"),
            "cache": _table(found, "minigram_cache_total", "kind", "outcome"),
            "answers": _table(found, "minigram_answers_total", "kind", "source"),
        }
        if options["json"]:
            self.stdout.write(json.dumps(tables))
            return
        self._statements(tables["statements"])
        self._cache(tables["cache"])
        self._answers(tables["answers"])

    def _statements(self, table: Table) -> None:
        reads = sum(row["read"] for row in table.values())
        self.stdout.write(f"{'server':16}{'reads':>12}{'share':>9}{'writes':>12}")
        for server, row in sorted(table.items()):
            share = _percent(row["read"], reads)
            self.stdout.write(f"{server:16}{row['read']:>12}{share:>9}{row['write']:>12}")

    def _cache(self, table: Table) -> None:
        if not table:
            return
        others = sorted({name for row in table.values() for name in row} - set(FOUND))
        names = [*FOUND, *others]
        head = "".join(f"{name:>12}" for name in names)
        self.stdout.write(f"\n{'cache':16}{head}{'fresh':>9}{'any hit':>9}")
        for kind, row in sorted(table.items()):
            looks = sum(row[name] for name in FOUND)
            cells = "".join(f"{row[name]:>12}" for name in names)
            rates = f"{_percent(row['hit'], looks):>9}{_percent(looks - row['miss'], looks):>9}"
            self.stdout.write(f"{kind:16}{cells}{rates}")

    def _answers(self, table: Table) -> None:
        if not table:
            return
        self.stdout.write(f"\n{'answers':16}{'without SQL':>12}{'with SQL':>12}{'share':>9}")
        for kind, row in sorted(table.items()):
            share = _percent(row["no_sql"], row["no_sql"] + row["sql"])
            self.stdout.write(f"{kind:16}{row['no_sql']:>12}{row['sql']:>12}{share:>9}")


def _table(
    found: Iterable[tuple[str, dict[str, str], float]], name: str, row: str, column: str
) -> Table:
    """Return the counts of one metric by two of its labels."""
    table: Table = {}
    for metric, labels, value in found:
        if metric == name:
            table.setdefault(labels[row], Counter())[labels[column]] += int(value)
    return table


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"
