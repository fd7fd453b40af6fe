"""What the API views of all apps share."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from minigram_site.api.errors import Problem
from minigram_site.api.pagination import CursorPages, page_body, requested_cursor, requested_size
from minigram_site.web.pagination import Cursor, Page
from minigram_site.web.throttling import ThrottledWrites


def base_of(request: Request | HttpRequest) -> str:
    """Return the scheme and host that the client used: the beginning of absolute addresses."""
    return f"{request.scheme}://{request.get_host()}"


class ApiView(ThrottledWrites, APIView):
    """A view whose writes are limited; reads are not."""


class PageView(ApiView):
    """A list, paged by cursor. Subclasses read a page, shape one row, and ``get`` the answer."""

    pagination_class = CursorPages
    cursor_keys: tuple[str, ...] = ("id",)

    def answer(self, request: Request, **path: Any) -> Response:
        """Return one page as the response."""
        cursor = requested_cursor(request, len(self.cursor_keys))
        page = self.read(request, cursor, requested_size(request), **path)
        base = base_of(request)
        return Response(page_body(request, page, [self.row(item, base) for item in page.items]))

    def read(self, request: Request, cursor: Cursor | None, size: int, **path: Any) -> Page[Any]:
        """Return the page of rows that the request asks for."""
        raise NotImplementedError

    def row(self, item: Any, base: str) -> dict[str, Any]:
        """Return one row as JSON-ready data."""
        raise NotImplementedError


def not_found() -> Problem:
    """Return the 404 that says nothing about whether the thing exists."""
    return Problem(404, "not_found", "There is nothing at this address for you.")
