"""The JSON API of imports: an archive in parts, what is in it, and what became of it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from minigram_site.api.errors import Problem
from minigram_site.api.fields import LineField
from minigram_site.api.openapi.problems import refuses
from minigram_site.api.rendering import time_json
from minigram_site.api.views import ApiView, PageView, validated
from minigram_site.web.pagination import Cursor, Page
from minigram_site.web.throttling import throttle
from social.albums.models import TITLE_LENGTH
from social.portable import jobs
from social.portable.jobs.refusals import FILE_CODES, REASONS, JobRefused
from social.portable.models import Import, ImportRefusal

_STATUS = {
    "imports_closed": 403,
    "archive_too_large": 422,
    "archive_empty": 422,
    "wrong_part": 422,
    "no_room": 507,
}


class NewImportSerializer(serializers.Serializer[Any]):
    """An archive that you are about to send."""

    size = serializers.IntegerField(min_value=0, max_value=2**60, help_text="Its bytes.")
    name = LineField(
        max_length=200, required=False, default="", allow_blank=True, help_text="Of its file."
    )


class ImportPartSerializer(serializers.Serializer[Any]):
    """A part of an archive."""

    offset = serializers.IntegerField(
        min_value=0, max_value=2**60, help_text="Where it begins: `received` of the import."
    )
    part = serializers.FileField(
        allow_empty_file=True, help_text="`part_size` bytes, or what is left of the archive."
    )


class ImportChoicesSerializer(serializers.Serializer[Any]):
    """Who is to see the photos, and where they are put."""

    audience = serializers.ChoiceField(
        choices=Import.Audience.values,
        required=False,
        default=Import.Audience.KEPT,
        help_text="`kept`: as in the archive; what it says nothing of is for you alone. `shown`: "
        "the latter is shown as your photos are. `alone`: all is for you alone.",
    )
    album_title = LineField(
        max_length=TITLE_LENGTH,
        required=False,
        default="",
        allow_blank=True,
        help_text="Of a new album, which you alone can open and which holds all of them.",
    )


class ImportErrorSerializer(serializers.Serializer[Any]):
    """Why an archive could not be imported."""

    code = serializers.ChoiceField(choices=[*REASONS])
    detail = serializers.CharField()


class PicturesFoundSerializer(serializers.Serializer[Any]):
    """What became of the pictures; before it is started, what would become of them."""

    found = serializers.IntegerField(help_text="In the archive.")
    imported = serializers.IntegerField()
    already = serializers.IntegerField(
        help_text="That were here already, which shows when they are brought along."
    )
    refused = serializers.IntegerField(help_text="See `me/import/refused/`.")
    alone = serializers.IntegerField(help_text="Of the imported: for you alone.")


class ImportSerializer(serializers.Serializer[Import]):
    """An archive that you bring along."""

    state = serializers.ChoiceField(
        choices=Import.State.values,
        help_text="`receiving`: send parts. `reading`: it is looked through. `ready`: start it, or "
        "delete it. `importing`, `done`, `failed`.",
    )
    begun_at = serializers.DateTimeField()
    name = serializers.CharField()
    size = serializers.IntegerField()
    received = serializers.IntegerField(help_text="Bytes that are here: the next part is there.")
    part_size = serializers.IntegerField(help_text="Bytes of each part but the last.")
    kind = serializers.CharField(help_text="What kind of archive it is; empty until it is read.")
    first = serializers.DateTimeField(allow_null=True, help_text="The time of its oldest post.")
    last = serializers.DateTimeField(allow_null=True)
    posts_done = serializers.IntegerField()
    posts = serializers.IntegerField()
    pictures = PicturesFoundSerializer()
    comments = serializers.IntegerField(help_text="Your own ones, that came with photos.")
    ends_at = serializers.DateTimeField(allow_null=True, help_text="When it is deleted.")
    error = ImportErrorSerializer(allow_null=True)


class RefusedFileSerializer(serializers.Serializer[ImportRefusal]):
    """A file of an archive that is not taken, and why."""

    name = serializers.CharField(help_text="In the archive.")
    code = serializers.ChoiceField(choices=FILE_CODES)
    detail = serializers.CharField()


def import_json(job: Import) -> dict[str, Any]:
    """Return an import as the API shows it. No query."""
    failed = job.state == Import.State.FAILED
    return {
        "state": job.state,
        "begun_at": time_json(job.begun_at),
        "name": job.name,
        "size": job.size,
        "received": job.received,
        "part_size": job.part_size,
        "kind": job.source,
        "first": time_json(job.first) if job.first else None,
        "last": time_json(job.last) if job.last else None,
        "posts_done": job.done,
        "posts": job.total,
        "pictures": {
            name: getattr(job, name)
            for name in ("found", "imported", "already", "refused", "alone")
        },
        "comments": job.comments,
        "ends_at": time_json(job.ends_at) if job.ends_at else None,
        "error": {"code": job.reason, "detail": jobs.reason_of(job)} if failed else None,
    }


@extend_schema(tags=["me"])
class ImportView(ApiView):
    """What you bring along from another site."""

    @extend_schema(
        summary="See how far your import is",
        responses={
            200: ImportSerializer,
            206: OpenApiResponse(ImportSerializer, "On its way here, or at work."),
        },
    )
    @refuses(404, "not_found")
    def get(self, request: Request) -> Response:
        """Answer with the import, 206 while it is received or worked on; ``Problem`` 404."""
        job = _own(request)
        waits = job.state in {Import.State.READY, Import.State.DONE, Import.State.FAILED}
        return Response(import_json(job), status=200 if waits else 206)

    @extend_schema(
        summary="Begin to send an archive",
        description="A ZIP file of MiniGram, Instagram, Mastodon, Flickr or Google Photos, or of "
        "pictures (docs/portable-data.md). Then send its parts with `POST me/import/parts/`. The "
        "same name and size as of one on its way go on with that; anything else takes its place. "
        "One import at a time.",
        request=NewImportSerializer,
        responses=ImportSerializer,
    )
    @refuses(403, "imports_closed")
    @refuses(409, "import_running")
    @refuses(422, "archive_too_large", "archive_empty")
    @refuses(507, "no_room")
    def post(self, request: Request) -> Response:
        """Answer with the import; ``Problem`` where it is not taken."""
        sent = validated(NewImportSerializer, request)
        try:
            job = jobs.begin(owner=caller(request), **sent)
        except JobRefused as error:
            raise _problem(error) from None
        return Response(import_json(job))

    @extend_schema(
        summary="Stop your import and forget it",
        description="The archive is deleted. Photos that are here stay.",
        responses={204: None},
    )
    def delete(self, request: Request) -> Response:
        """Stop it; without one nothing changes."""
        jobs.forget(owner=caller(request))
        return Response(status=204)

    def limit_of(self, method: str) -> Any:
        """Return the limit of new imports; to stop one is a write like others."""
        return throttle("import") if method == "POST" else super().limit_of(method)


@extend_schema(tags=["me"])
class ImportPartsView(ApiView):
    """The parts of an archive."""

    parser_classes = (MultiPartParser,)
    write_throttle = throttle("part")

    @extend_schema(
        summary="Send a part of an archive",
        description="One after the other. 409 `wrong_offset`: `GET me/import/` says where to go "
        "on, also after an answer that was lost. With the last part it is looked through.",
        request={"multipart/form-data": ImportPartSerializer},
        responses=ImportSerializer,
    )
    @refuses(409, "not_receiving", "wrong_offset")
    @refuses(422, "wrong_part")
    @refuses(503, "storage_unavailable")
    @refuses(507, "no_room", "storage_full")
    def post(self, request: Request) -> Response:
        """Answer with the import; ``Problem`` 409 and 422 for another part than the next."""
        sent = validated(ImportPartSerializer, request)
        part = sent["part"]
        try:
            job = jobs.receive(
                owner=caller(request), offset=sent["offset"], content=part, length=part.size
            )
        except JobRefused as error:
            raise _problem(error) from None
        return Response(import_json(job))


@extend_schema(tags=["me"])
class StartImportView(ApiView):
    """An archive that was looked through."""

    @extend_schema(
        summary="Bring your archive along",
        description="202: it is at work; `GET me/import/` says how far. On a site without a worker "
        "each call of this does a part of the work, 200 at its end. Followers' feeds do not "
        "change, and nobody is told.",
        request=ImportChoicesSerializer,
        responses={200: ImportSerializer, 202: ImportSerializer},
    )
    @refuses(409, "not_ready")
    def post(self, request: Request) -> Response:
        """Answer with the import; ``Problem`` 409 while nothing was looked through."""
        sent = validated(ImportChoicesSerializer, request)
        try:
            job = jobs.start(owner=caller(request), **sent)
        except JobRefused as error:
            raise _problem(error) from None
        status = 202 if job.state == Import.State.IMPORTING else 200
        return Response(import_json(job), status=status)


@extend_schema(tags=["me"])
class RefusedFilesView(PageView):
    """The files of an archive that are not taken."""

    @extend_schema(
        summary="See which files are not taken, and why",
        responses=RefusedFileSerializer(many=True),
    )
    @refuses(404, "not_found")
    def get(self, request: Request) -> Response:
        """Answer with a page, in the order of the archive; ``Problem`` 404 without an import."""
        return self.answer(request)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[ImportRefusal]:
        """Return a page of refusals. Two queries."""
        return jobs.refusals_page(_own(request), cursor, size)

    def row(self, item: ImportRefusal, base: str) -> dict[str, Any]:
        """Return the file with the sentence that says why."""
        return {"name": item.name, "code": item.code, "detail": jobs.sentence_of(item)}


def _own(request: Request) -> Import:
    job = jobs.import_of(caller(request))
    if job is None:
        raise Problem(404, "not_found", "You have not begun an import.")
    return job


def _problem(error: JobRefused) -> Problem:
    return Problem(_STATUS.get(error.code, 409), error.code, str(error))
