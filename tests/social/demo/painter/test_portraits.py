"""The painter's portraits."""

from __future__ import annotations

from social.demo.painter.portraits import portrait


def test_portraits_are_square_and_differ() -> None:
    one, other = portrait(1), portrait(2)
    assert one.size == other.size == (512, 512)
    assert one.tobytes() != other.tobytes()
