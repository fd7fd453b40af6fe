"""Cursor pages for the API: ``{"next": …, "previous": …, "results": […]}``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from minigram_site.web.pagination import (
    MAX_PAGE_SIZE,
    PAGE_SIZE,
    Cursor,
    InvalidCursor,
    Page,
    paginate,
    parse_cursor,
)


def requested_cursor(request: Request, keys: int = 1) -> Cursor | None:
    """Return the cursor in ``?cursor=``, of ``keys`` numbers; ``None`` if the parameter is absent.

    Raises ``ValidationError`` (400), which names the parameter, if it is no cursor.
    """
    try:
        return parse_cursor(request.query_params.get("cursor"), keys=keys)
    except InvalidCursor as error:
        raise ValidationError({"cursor": [str(error)]}, code="invalid_cursor") from None


def requested_size(request: Request) -> int:
    """Return the number in ``?limit=``; ``PAGE_SIZE`` if the parameter is absent.

    Raises ``ValidationError`` (400), which names the parameter, if it is out of range.
    """
    text = request.query_params.get("limit") or str(PAGE_SIZE)
    if text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MAX_PAGE_SIZE:
        return int(text)
    raise ValidationError({"limit": [f"Ask for 1 to {MAX_PAGE_SIZE}."]}, code="invalid_limit")


def page_body(request: Request, page: Page[Any], results: Sequence[Any]) -> dict[str, Any]:
    """Return a page as JSON-ready data, with the next and previous page as absolute URLs."""
    return {
        "next": _link(request, page.next),
        "previous": _link(request, page.previous),
        "results": results,
    }


def _link(request: Request, cursor: Cursor | None) -> str | None:
    if cursor is None:
        return None
    return replace_query_param(request.build_absolute_uri(), "cursor", str(cursor))


class CursorPages(BasePagination):
    """DRF's pagination class for ``minigram_site.web.pagination``: largest key first.

    The key is the id, unless the view names others as ``cursor_keys``.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Return the rows of the page that the request asks for. One query.

        Raises ``ValidationError`` (400) if cursor or limit are faulty.
        """
        keys = getattr(view, "cursor_keys", ("id",))
        self.request = request
        self.page = paginate(
            queryset, requested_cursor(request, len(keys)), requested_size(request), keys
        )
        return self.page.items

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page's body around the serialized rows."""
        return Response(page_body(self.request, self.page, data))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe the page in the OpenAPI document."""
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe ``cursor`` and ``limit`` in the OpenAPI document."""
        cursor = {"type": "string", "maxLength": 61}
        size = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}
        return [
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "schema": cursor,
                "description": "Taken from `next` or `previous`; leave it out for the first page.",
            },
            {
                "name": "limit",
                "in": "query",
                "required": False,
                "schema": size,
                "description": "How many results a page holds.",
            },
        ]
