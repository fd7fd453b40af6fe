"""The site's counters become figures of a record."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from infra.lab.measure import site_counters


def test_lookups_in_the_cache_are_sorted_by_kind() -> None:
    counts: site_counters.CounterValues = Counter()
    for outcome, value in {"hit": 8, "stale": 1, "miss": 1, "rebuild": 2, "error": 5}.items():
        counts["minigram_cache_total", (("kind", "feed"), ("outcome", outcome))] = value
    feed = site_counters.cache_kinds(counts)["feed"]
    assert (feed.hits, feed.stale, feed.misses, feed.rebuilds) == (8, 1, 1, 2)
    assert feed.hit_rate == pytest.approx(0.9)


def test_a_site_without_counters_has_no_counts(tmp_path: Path) -> None:
    assert not site_counters.read_counters(tmp_path)
