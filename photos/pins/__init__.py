"""Pins: up to three photos that somebody shows first on their profile."""

from photos.pins.service import CannotPin, is_pinned, pin, pinned_cards, pinned_page, unpin

__all__ = ["CannotPin", "is_pinned", "pin", "pinned_cards", "pinned_page", "unpin"]
