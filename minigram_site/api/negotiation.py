"""Which renderer answers: DRF's choice by the ``Accept`` header, except where it means nothing."""

from __future__ import annotations

from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from minigram_site.web.errors import PROBLEM_TYPE

Chosen = tuple[BaseRenderer, str]


class ReadableAccept(DefaultContentNegotiation):
    """DRF's negotiation; an ``Accept`` header that cannot be parsed is as good as none.

    Who takes problems takes JSON: clients that are generated ask for nothing else where an
    operation has no answer but errors.
    """

    def get_accept_list(self, request: Request) -> list[str]:
        """Return the media types that the client accepts."""
        return [
            accepted.replace(PROBLEM_TYPE, "application/json")
            for accepted in super().get_accept_list(request)
        ]

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> Chosen:
        """Return the renderer and its media type. Raises ``NotAcceptable`` (406) without any."""
        try:
            chosen: Chosen = super().select_renderer(request, renderers, format_suffix)
        except ValueError:
            return renderers[0], renderers[0].media_type
        return chosen


class AnyAccept(ReadableAccept):
    """For views that send a file as it is: it is the answer, whatever type the client prefers."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> Chosen:
        """Return the renderer of errors and its media type."""
        return renderers[0], renderers[0].media_type
