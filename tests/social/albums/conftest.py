"""Fixtures for collections."""

from __future__ import annotations

import pytest

from accounts.models import User
from photos.models import Photo
from tests.factories import published, upload


@pytest.fixture
def photo(carol: User) -> Photo:
    """Return a photo of a private account, with files."""
    return published(author=carol, image=[upload()], caption="at the sea @carol")
