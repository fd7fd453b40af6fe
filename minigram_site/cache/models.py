"""The one table of the cache. ``minigram_site.cache.state`` reads and writes it, by SQL."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from minigram_site.cache.state import OFF, STATES, TABLE


class CacheState(models.Model):
    """The one row that says whether the site may use what Redis holds."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    state = models.CharField(
        max_length=8, choices=[(name, name) for name in STATES], default=OFF, db_default=OFF
    )
    # Part of every key in Redis: entries of another generation are never read again.
    generation = models.CharField(max_length=16, blank=True)
    # Redis' ``run_id``: the run of the server that holds this generation.
    run_id = models.CharField(max_length=64, blank=True)
    # Bytes of PostgreSQL's log that a replica must have replayed to fill this generation.
    floor_lsn = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        db_table = TABLE
        verbose_name = verbose_name_plural = "cache state"
        constraints: ClassVar = [
            models.CheckConstraint(name="cache_state_is_one_row", condition=Q(id=1)),
            models.CheckConstraint(name="cache_state_is_known", condition=Q(state__in=STATES)),
        ]

    def __str__(self) -> str:
        """Return the state."""
        return f"cache: {self.state}"
