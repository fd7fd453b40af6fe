"""The API of log-ins: where you are logged in, and ending it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from accounts.api.tokens import claims
from accounts.logins import service
from accounts.models import LogIn
from minigram_site.api.views import ApiView, PageView, not_found
from minigram_site.web.pagination import Cursor, Page


class LogInSerializer(serializers.Serializer[LogIn]):
    """A log-in of yours."""

    id = serializers.CharField()
    at = serializers.DateTimeField()
    client = serializers.ChoiceField(choices=["browser", "app"])
    how = serializers.ChoiceField(choices=LogIn.How.values)
    factor = serializers.CharField(
        help_text="The second factor: `totp`, `passkey`, `recovery`, or `provider` if that counts "
        "as one; empty if none was used."
    )
    program = serializers.CharField(help_text="`Firefox`, or how an app names itself.")
    system = serializers.CharField(help_text="`Android`; empty if it is not known.")
    network = serializers.CharField(help_text="Without the last part of the address.")
    is_open = serializers.BooleanField(help_text="Whether it goes on.")
    is_current = serializers.BooleanField(help_text="Whether it is the one that asks.")
    refreshed_at = serializers.DateTimeField(
        allow_null=True, help_text="When an app last replaced its tokens."
    )


class LogInPageView(PageView):
    """A list of log-ins."""

    def answer(self, request: Request, **path: Any) -> Response:
        """Return the page; which log-in asks is one query more."""
        self._current = _current(request)
        return super().answer(request, **path)

    def row(self, item: LogIn, base: str) -> dict[str, Any]:
        """Return the log-in."""
        session = getattr(item, "api_session", None)
        is_app = item.session_key is None and session is not None
        return {
            "id": str(item.pk),
            "at": item.at,
            "client": "app" if is_app else "browser",
            "how": item.how,
            "factor": item.factor,
            "program": item.program,
            "system": item.system,
            "network": item.network,
            "is_open": bool(getattr(item, "is_open", False)),
            "is_current": item.pk == self._current,
            "refreshed_at": session.replaced_at if session else None,
        }


@extend_schema(tags=["me"])
class SessionsView(LogInPageView):
    """Where you are logged in."""

    @extend_schema(summary="Where you are logged in", responses=LogInSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Answer with a page of open log-ins, newest first."""
        return self.answer(request)

    @extend_schema(
        operation_id="me_sessions_end_others",
        summary="Log out everywhere else",
        description="Browsers and apps, at once; what asks stays logged in.",
        request=None,
        responses={204: None},
    )
    def delete(self, request: Request) -> Response:
        """Answer 204."""
        service.end_others(user=caller(request), but=_current(request))
        return Response(status=204)

    def read(self, request: Request, cursor: Cursor | None, size: int, **path: Any) -> Page[LogIn]:
        """Return a page of open log-ins. One query."""
        return service.open_page(caller(request), cursor, size)


@extend_schema(tags=["me"])
class LogInsView(LogInPageView):
    """Your log-ins, open or not."""

    @extend_schema(
        summary="Your log-ins",
        description="Of half a year, and those that go on.",
        responses=LogInSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Answer with a page of log-ins, newest first."""
        return self.answer(request)

    def read(self, request: Request, cursor: Cursor | None, size: int, **path: Any) -> Page[LogIn]:
        """Return a page of log-ins. One query."""
        return service.history_page(caller(request), cursor, size)


@extend_schema(tags=["me"])
class SessionView(ApiView):
    """One of your log-ins."""

    @extend_schema(
        summary="Log a browser or an app out",
        description="At once. A second time changes nothing.",
        responses={204: None},
    )
    def delete(self, request: Request, log_in_id: int) -> Response:
        """Answer 204. Raises ``Problem`` 404 for somebody else's."""
        if not service.end(user=caller(request), log_in_id=log_in_id):
            raise not_found()
        return Response(status=204)


def _current(request: Request) -> int:
    return service.current_of_app(claims(request.auth)[2])
