"""What the decoder is asked for, and how it refuses."""

from __future__ import annotations

from typing import Any

Size = tuple[int, int]  # width and height in pixels
# The keys: "kind" (Pillow's name of the format), "source" and "result" (numbers of open files),
# "widths" (list of pixels), "preview" (largest width and height, or None), "square" (bool),
# "turn" (quarters clockwise), "crop" (left, top, width and height as fractions, or empty),
# "min_side", "max_ratio", "max_pixels", "memory" (bytes) and "seconds" (of CPU). ``photos.images``
# writes it.
Job = dict[str, Any]


class RefusedError(Exception):
    """The picture is refused; the argument is the code for it (``photos.refusals.MESSAGES``)."""
