"""Imports in small parts, and left to a worker."""

from __future__ import annotations

from typing import Any

import pytest

from social.portable.jobs import parts


@pytest.fixture
def small_parts(monkeypatch: Any) -> None:
    """Have archives sent in parts of a kilobyte."""
    monkeypatch.setattr(parts, "PART_BYTES", 1024)


@pytest.fixture
def by_worker(settings: Any) -> None:
    """Leave the work to a worker, which tests are themselves."""
    settings.BACKGROUND_WORKER = True
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
