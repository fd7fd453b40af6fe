"""Serving: gunicorn's worker, in which slow clients hold no thread."""

from infra.serving.request_buffer import OVERHEAD
from infra.serving.worker import Worker

__all__ = ["OVERHEAD", "Worker"]
