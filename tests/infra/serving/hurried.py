"""The application under test on a gunicorn that waits a second for its clients."""

from __future__ import annotations

from infra.serving import worker
from tests.infra.serving.application import application

__all__ = ["application"]
worker.HEAD_SECONDS = worker.PAUSE_SECONDS = 1
