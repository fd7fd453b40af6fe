"""Fixtures for the tests of photos."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def limits(settings: Any) -> None:
    """Hold the limits that the tests count on."""
    settings.MAX_IMAGE_PIXELS = 50_500_000
    settings.MAX_UPLOAD_BYTES = 20 * 1024 * 1024
