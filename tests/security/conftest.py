"""The owner of a public account with everything that somebody can have on the site."""

from __future__ import annotations

from typing import Any

import pytest

from tests.matrix.scene import Account, Kind, Scene, set_up
from tests.matrix.tables import PREPARE


@pytest.fixture
def scene(db: None, settings: Any) -> Scene:
    """Return the scene, whose viewer is the owner; nothing is refused for being asked often."""
    settings.RATE_LIMITS = False
    made = set_up(Account.PUBLIC, Kind.OWNER)
    for prepare in PREPARE:
        prepare(made)
    return made
