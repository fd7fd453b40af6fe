"""How an operation is described in the OpenAPI document."""

from __future__ import annotations

from drf_spectacular.openapi import AutoSchema


class StatedSchema(AutoSchema):
    """drf-spectacular's description of a view, without docstrings, which are for its developers.

    Public is what ``extend_schema`` is given as ``summary`` and ``description``.
    """

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        """Return nothing: ``extend_schema`` overrides this where it is given a description."""
        return ""
