"""The JSON API of portable data: your archive."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from minigram_site.api.errors import Problem
from minigram_site.api.negotiation import AnyAccept
from minigram_site.api.openapi.problems import refuses
from minigram_site.api.rendering import time_json
from minigram_site.api.views import ApiView, base_of
from photos.files.views import send_download
from social.portable import export
from social.portable.export import service
from social.portable.models import Export


class ExportErrorSerializer(serializers.Serializer[Any]):
    """Why an archive could not be made."""

    code = serializers.ChoiceField(choices=[*service.REASONS])
    detail = serializers.CharField()


class ExportSerializer(serializers.Serializer[Export]):
    """Your archive, or how far it is."""

    state = serializers.ChoiceField(choices=Export.State.choices)
    asked_at = serializers.DateTimeField()
    done = serializers.IntegerField(help_text="Pictures that are in it.")
    total = serializers.IntegerField(help_text="Pictures that will be.")
    size = serializers.IntegerField(allow_null=True, help_text="Its bytes, once it is ready.")
    url = serializers.URLField(allow_null=True, help_text="Where to get it, with your token.")
    ends_at = serializers.DateTimeField(allow_null=True, help_text="When it is deleted.")
    error = ExportErrorSerializer(allow_null=True)


def export_json(found: Export, base: str) -> dict[str, Any]:
    """Return an export as the API shows it. No query."""
    ready, failed = found.state == Export.State.READY, found.state == Export.State.FAILED
    error = {"code": found.reason, "detail": export.reason_of(found)}
    return {
        "state": found.state,
        "asked_at": time_json(found.asked_at),
        "done": min(found.done, found.total),
        "total": found.total,
        "size": found.size if ready else None,
        "url": base + reverse("api-export-file") if ready else None,
        "ends_at": time_json(found.ends_at) if found.ends_at else None,
        "error": error if failed else None,
    }


@extend_schema(tags=["me"])
class ExportView(ApiView):
    """Everything that is yours, as one archive."""

    @extend_schema(
        summary="See how far your archive is",
        responses={200: ExportSerializer, 206: OpenApiResponse(ExportSerializer, "In the making.")},
    )
    @refuses(404, "not_found")
    def get(self, request: Request) -> Response:
        """Answer with the export, 206 while it is made; ``Problem`` 404 if none was asked for."""
        found = export.export_of(caller(request))
        if found is None:
            raise Problem(404, "not_found", "You have not asked for an archive.")
        status = 206 if found.state == Export.State.MAKING else 200
        return Response(export_json(found, base_of(request)), status=status)

    @extend_schema(
        summary="Let an archive of everything that is yours be made",
        description="Photos as you uploaded them, with captions, descriptions and albums, your "
        "comments, likes and follows, profile and settings: a ZIP file with a page to read and "
        "JSON (docs/portable-data.md). 202: it is being made; ask again how far it is. On a site "
        "without a worker each call of this does a part of the work. One that is ready and less "
        "than an hour old is not made anew (200).",
        request=None,
        responses={200: ExportSerializer, 202: ExportSerializer},
    )
    def post(self, request: Request) -> Response:
        """Answer with the export."""
        found = export.ask(owner=caller(request))
        status = 202 if found.state == Export.State.MAKING else 200
        return Response(export_json(found, base_of(request)), status=status)

    @extend_schema(summary="Delete your archive", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Delete it, or stop making it; without one nothing changes."""
        export.forget(owner=caller(request))
        return Response(status=204)


@extend_schema(tags=["me"])
class ExportFileView(ApiView):
    """The archive itself."""

    content_negotiation_class = AnyAccept

    @extend_schema(
        summary="Get your archive",
        description="A ZIP file. `Range` goes on with a download that was broken off. Where "
        "pictures lie in a bucket, 302 leads there, to an address that works for some minutes.",
        responses={
            (200, "application/zip"): OpenApiTypes.BINARY,
            (206, "application/zip"): OpenApiTypes.BINARY,
            302: OpenApiResponse(description="It is there: `Location`."),
        },
    )
    @refuses(404, "not_found")
    @refuses(416, "bad_request")
    def get(self, request: Request) -> HttpResponseBase:
        """Answer with the file; ``Problem`` 404 while there is none."""
        try:
            return send_download(request._request, *service.archive_of(caller(request)))
        except export.NotReady:
            raise Problem(404, "not_found", "You have no archive to get.") from None
