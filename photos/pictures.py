"""A picture in storage: its size, its description and the names of its files.

A photo has one to ten pictures. The first is in the photo's own columns, which every list reads;
the others are in a JSON column, read whole and never searched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from photos.files import StoredFiles
from photos.images import ProcessedImage

MAX_PICTURES = 10


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: upright size in pixels, description, and the storage names of its files."""

    width: int
    height: int
    placeholder: str
    alt_text: str = ""
    original: str = ""
    # (width, height, storage name), smallest first
    renditions: Sequence[Sequence[Any]] = ()
    # A JPEG for link previews
    preview: str = ""
    # "camera", "lens", "exposure", "taken": shown only if the owner says so
    camera: dict[str, str] = field(default_factory=dict)
    # What was done to the original, which stays as it came: quarter turns clockwise, then what is
    # kept of it (left, top, width and height as fractions), all of it if empty
    turn: int = 0
    crop: Sequence[float] = ()
    # How it looks, 128 bits in hexadecimal (``photos.decoder.previews.look_of``); empty if plain
    look: str = ""
    # Bytes of all its files; 0 if nobody has counted them
    size: int = 0

    @property
    def file_names(self) -> list[str]:
        """The storage names of all its files, the original included."""
        return [name for name in (self.original, *self.served_names) if name]

    @property
    def served_names(self) -> list[str]:
        """The storage names of the files that others may be sent."""
        return [*(name for _, _, name in self.renditions), self.preview]

    def as_json(self) -> dict[str, Any]:
        """Return the picture as the database keeps it; ``Picture(**…)`` reads it back."""
        return asdict(self)


def served_names(pictures: Iterable[Picture]) -> list[str]:
    """Return the storage names of the files of these pictures that others may be sent."""
    return [name for picture in pictures for name in picture.served_names if name]


def picture_of(
    processed: ProcessedImage,
    stored: StoredFiles,
    alt_text: str = "",
    *,
    turn: int = 0,
    crop: Sequence[float] = (),
) -> Picture:
    """Return the picture whose files were just stored, made with this ``turn`` and ``crop``."""
    return Picture(
        width=processed.width,
        height=processed.height,
        placeholder=processed.placeholder,
        alt_text=alt_text,
        original=stored.original,
        renditions=stored.renditions,
        preview=stored.preview,
        camera=processed.camera,
        turn=turn,
        crop=list(crop),
        look=processed.look,
        size=stored.size,
    )
