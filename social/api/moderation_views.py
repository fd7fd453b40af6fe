"""The JSON API of moderation: reports, decisions about you, appeals."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from minigram_site.api.errors import Problem
from minigram_site.api.openapi.problems import refuses
from minigram_site.api.views import ApiView, PageView
from minigram_site.web.pagination import Cursor, Page
from minigram_site.web.throttling import throttle
from social.api.moderation_json import (
    AppealSerializer,
    DecisionSerializer,
    ReportSerializer,
    ReportTextSerializer,
    decision_json,
    report_json,
)
from social.moderation import appeals, reports
from social.moderation.models import Decision
from social.moderation.reports import Thing

_REPORTED = {200: ReportSerializer, 201: ReportSerializer}
_ONCE = "Again, while the moderators have not decided, changes your report. Nobody is told of it."


class ReportView(ApiView):
    """Reporting something; subclasses say what."""

    write_throttle = throttle("report")

    def answer(self, request: Request, thing: Thing) -> Response:
        """Report ``thing``: 201, or 200 if it was reported. ``Problem`` 409 for one's own."""
        words = ReportTextSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        try:
            report, new = reports.report(
                reporter=caller(request), thing=thing, **words.validated_data
            )
        except reports.CannotReport as error:
            raise Problem(409, error.code, str(error)) from None
        return Response(report_json(report), status=201 if new else 200)


@extend_schema(tags=["moderation"])
class PhotoReportView(ReportView):
    """Your report of a photo."""

    @extend_schema(
        summary="Report a photo",
        description=_ONCE,
        request=ReportTextSerializer,
        responses=_REPORTED,
    )
    @refuses(409, "cannot_report_yourself")
    def put(self, request: Request, photo_id: int) -> Response:
        """Answer with the report."""
        return self.answer(request, reports.seen_photo(caller(request), photo_id))


@extend_schema(tags=["moderation"])
class CommentReportView(ReportView):
    """Your report of a comment."""

    @extend_schema(
        summary="Report a comment",
        description=_ONCE,
        request=ReportTextSerializer,
        responses=_REPORTED,
    )
    @refuses(409, "cannot_report_yourself")
    def put(self, request: Request, photo_id: int, comment_id: int) -> Response:
        """Answer with the report."""
        return self.answer(request, reports.seen_comment(caller(request), photo_id, comment_id))


@extend_schema(tags=["moderation"])
class PersonReportView(ReportView):
    """Your report of a person."""

    @extend_schema(
        summary="Report a person",
        description=_ONCE,
        request=ReportTextSerializer,
        responses=_REPORTED,
    )
    @refuses(409, "cannot_report_yourself")
    def put(self, request: Request, username: str) -> Response:
        """Answer with the report."""
        return self.answer(request, reports.seen_person(caller(request), username))


@extend_schema(tags=["moderation"])
class DecisionsView(PageView):
    """What the moderators have decided about you."""

    @extend_schema(summary="Decisions about you", responses=DecisionSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Answer with a page of decisions, newest first."""
        return self.answer(request)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[Decision]:
        """Return a page of decisions. One query."""
        return appeals.decisions_about(caller(request), cursor, size)

    def row(self, item: Decision, base: str) -> dict[str, Any]:
        """Return the decision."""
        return decision_json(item)


@extend_schema(tags=["moderation"])
class AppealView(ApiView):
    """Your appeal against a decision."""

    @extend_schema(
        summary="Appeal, once",
        description="`appealed` (409) if you have, the decision does not stand any more, or the "
        "photo that it has removed was deleted for good.",
        request=AppealSerializer,
        responses=DecisionSerializer,
    )
    @refuses(409, "appealed")
    def put(self, request: Request, decision_id: int) -> Response:
        """Answer with the decision. ``Problem`` 409 if there is no appeal (any more)."""
        decision = appeals.decision_about(caller(request), decision_id)
        words = AppealSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        try:
            held = appeals.appeal(decision=decision, words=words.validated_data["words"])
        except appeals.CannotAppeal as error:
            raise Problem(409, error.code, str(error)) from None
        return Response(decision_json(held))
