"""The site's own counters, read from its files: statements, cache, answers. No request is sent."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from infra.lab.records import CacheLookups

CounterValues = Counter[tuple[str, tuple[tuple[str, str], ...]]]
# Outcomes of a look into the cache, and the field of a record that they are added to.
OUTCOMES = {
    "hit": "hits",
    "stale": "stale",
    "miss": "misses",
    "rebuild": "rebuilds",
    "wait": "waits",
}


def read_counters(data: Path) -> CounterValues:
    """Return every counter of the site, by name and labels. Some ten milliseconds.

    ``data`` is the site's ``DATA_DIR``; a site without counters has none.
    """
    from prometheus_client import CollectorRegistry, multiprocess

    folder = data / "run" / "counters"
    counts: CounterValues = Counter()
    if not folder.is_dir():
        return counts
    collector = multiprocess.MultiProcessCollector(CollectorRegistry(), path=str(folder))  # type: ignore[no-untyped-call]
    for metric in collector.collect():  # type: ignore[no-untyped-call]
        for sample in metric.samples:
            counts[sample.name, tuple(sorted(sample.labels.items()))] += sample.value
    return counts


def cache_kinds(difference: CounterValues) -> dict[str, CacheLookups]:
    """Return the lookups in the cache, by kind of data."""
    kinds: dict[str, Counter[str]] = {}
    for (name, pairs), value in difference.items():
        labels = dict(pairs)
        if name == "minigram_cache_total" and labels["outcome"] in OUTCOMES:
            kinds.setdefault(labels["kind"], Counter())[OUTCOMES[labels["outcome"]]] += int(value)
    return {
        kind: CacheLookups(**{field: seen[field] for field in OUTCOMES.values()})
        for kind, seen in sorted(kinds.items())
    }


def statements(difference: CounterValues) -> int:
    """Return how many SQL statements the site has sent, as it counts them itself."""
    return sum(
        int(value)
        for (name, _), value in difference.items()
        if name == "minigram_database_statements_total"
    )
