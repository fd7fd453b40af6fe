"""Base classes of the API views of all apps."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from minigram_site.api.errors import Problem
from minigram_site.api.pagination import CursorPages, page_body, requested_cursor, requested_size
from minigram_site.web.pagination import Cursor, Page
from minigram_site.web.throttling import ThrottledWrites

# In a request's environment: the error of a write that was begun before Django and must not be made
# twice. No client can set it.
FAILED = "minigram.failed"


def base_of(request: Request | HttpRequest) -> str:
    """Return scheme and host as the client used them (``https://host``), for absolute URLs."""
    return f"{request.scheme}://{request.get_host()}"


class ApiView(ThrottledWrites, APIView):
    """A view with rate limits for requests that write."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check who asks; raise the error of a write that was begun before Django (``FAILED``)."""
        super().initial(request, *args, **kwargs)
        if FAILED in request.META:
            raise request.META[FAILED]


class OpenView(ApiView):
    """A view for clients that are not logged in; a token they send is ignored."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class PageView(ApiView):
    """A list, paged by cursor.

    Subclasses define ``read``, ``row``, and a ``get`` that returns ``answer``.
    """

    pagination_class = CursorPages
    cursor_keys: tuple[str, ...] = ("id",)

    def answer(self, request: Request, **path: Any) -> Response:
        """Return the page that the request asks for as the response.

        Raises ``ValidationError`` (400) if cursor or limit are faulty.
        """
        cursor = requested_cursor(request, len(self.cursor_keys))
        page = self.read(request, cursor, requested_size(request), **path)
        base = base_of(request)
        return Response(page_body(request, page, [self.row(item, base) for item in page.items]))

    def read(self, request: Request, cursor: Cursor | None, size: int, **path: Any) -> Page[Any]:
        """Return the page of rows after ``cursor``. ``NotImplementedError`` here."""
        raise NotImplementedError

    def row(self, item: Any, base: str) -> dict[str, Any]:
        """Return one row as JSON-ready data. ``NotImplementedError`` here."""
        raise NotImplementedError


def validated(serializer: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the request's validated data; raises ``ValidationError`` (400, by field)."""
    checked = serializer(data=request.data)
    checked.is_valid(raise_exception=True)
    return dict(checked.validated_data)


def not_found() -> Problem:
    """Return the 404, to be raised, that does not reveal whether an object exists."""
    return Problem(404, "not_found", "There is nothing at this address for you.")
