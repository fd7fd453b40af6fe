"""The table of pins: photos that somebody shows first on their profile."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from photos.models.photos import Photo


class Pin(models.Model):
    """``photo`` is at ``place`` of what ``author`` shows first. There is room for three."""

    MOST = 3

    photo = models.OneToOneField(Photo, models.CASCADE, primary_key=True, related_name="pin")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="pins", db_index=False
    )
    place = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["author", "place"], name="pin_place_once"),
            models.CheckConstraint(
                name="pin_place_of_three", condition=Q(place__gte=1) & Q(place__lte=3)
            ),
        ]

    def __str__(self) -> str:
        """Return the photo's id and its place."""
        return f"photo {self.photo_id} at {self.place}"
