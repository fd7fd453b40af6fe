"""Whether the shared cache may be believed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class CacheTrust(models.Model):
    """The one row that says whether Redis may be believed (``minigram_site.cache.lease``)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    generation = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=8)
    run = models.CharField(max_length=64, blank=True)
    floor = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "cache trust"
        constraints: ClassVar = [
            models.CheckConstraint(name="cache_trust_is_one_row", condition=Q(id=1)),
        ]

    def __str__(self) -> str:
        """Return the state."""
        return f"cache: {self.state}"
