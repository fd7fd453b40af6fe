"""Renders JSON by orjson, about ten times as fast as DRF's own renderer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer


class OrjsonRenderer(BaseRenderer):
    """DRF's renderer class for JSON."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return ``data`` as JSON bytes; no bytes where there is no data (204).

        Raises ``TypeError`` (orjson's ``JSONEncodeError``) for what JSON cannot hold.
        """
        if data is None:
            return b""
        return to_json(data)


def to_json(data: Any) -> bytes:
    """Return the data of an answer as JSON bytes, times as ``time_json`` has them.

    Raises ``TypeError`` (orjson's ``JSONEncodeError``) for what JSON cannot hold.
    """
    return orjson.dumps(data, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME)


def time_json(moment: datetime) -> str:
    """Return a time in ISO 8601, UTC, with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(value: Any) -> str:
    """Return what orjson is not to write as it does as text: times, lazy texts, error strings."""
    if isinstance(value, datetime):
        return time_json(value)
    if isinstance(value, str | Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
