"""Turning and cropping an upload: numbers beside the file, which stays as it came."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext

from photos.models import Media
from photos.uploads.processing import WHOLE_WIDTH

# Of a fraction: a pixel of the largest picture is more.
DIGITS = 6
QUARTERS = 4


def cleaned_crop(crop: Sequence[float]) -> list[float]:
    """Return a crop of left, top, width and height inside of the picture; empty if it is all of it.

    Raises ``ValueError`` with a sentence for the person if it is none.
    """
    if not crop:
        return []
    if len(crop) != 4 or not all(0 <= number <= 1 for number in crop):
        raise ValueError(gettext("A crop is left, top, width and height, each from 0 to 1."))
    left, top, width, height = (round(float(number), DIGITS) for number in crop)
    width, height = min(width, 1 - left), min(height, 1 - top)
    if width <= 0 or height <= 0:
        raise ValueError(gettext("A crop has to lie inside the picture."))
    cropped = [left, top, round(width, DIGITS), round(height, DIGITS)]
    return [] if cropped == [0, 0, 1, 1] else cropped


@transaction.atomic
def adjust(*, media: Media, turn: int | None = None, crop: Sequence[float] | None = None) -> bool:
    """Turn an upload by so many quarters clockwise, and then crop it; ``None`` leaves it as it is.

    Tells whether that changes anything: then it waits to be processed again, and what was made of
    it before stays until then. An upload that is on its way to be published stays as it is. Raises
    ``ValueError`` as ``cleaned_crop``. Two statements.
    """
    held = Media.objects.filter(pk=media.pk).editable().select_for_update(of=("self",)).first()
    if held is None:
        return False
    wanted = (
        held.turn if turn is None else turn % QUARTERS,
        held.crop if crop is None else cleaned_crop(crop),
    )
    if wanted == (held.turn, held.crop):
        return False
    held.whole = held.whole or _whole_of(held)
    held.turn, held.crop = wanted
    held.revision += 1
    held.state, held.reason = Media.State.PROCESSING, ""
    held.attempts, held.claimed_until = 0, None
    held.save()
    return True


def _whole_of(media: Media) -> str:
    """Return the name of the picture by which an upload that is not cropped yet can be."""
    sizes = media.preview_sizes
    fitting = [size for size in sizes if size[0] <= WHOLE_WIDTH] or sizes[:1]
    return fitting[-1][2] if fitting and not media.is_adjusted else ""
