"""Pins: up to three photos that somebody shows first on their profile."""

from photos.pins.service import CannotPin, is_pinned, pin, pinned_cards, pinned_page, unpin
from photos.pins.wall import wall_of

__all__ = ["CannotPin", "is_pinned", "pin", "pinned_cards", "pinned_page", "unpin", "wall_of"]
