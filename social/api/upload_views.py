"""Publishing: a photo from a file, or in two steps, files first and later their photo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from accounts.api.authentication import caller
from accounts.api.idempotency import idempotent
from accounts.models import User
from minigram_site.api.errors import Problem
from minigram_site.api.openapi.problems import refuses, refuses_pictures
from minigram_site.api.parsing import ShallowJSONParser
from minigram_site.api.views import ApiView, PageView, base_of
from minigram_site.web.pagination import Cursor, Page, paginate
from minigram_site.web.throttling import throttle
from photos.api.json import photo_json
from photos.api.serializers import PhotoFileSerializer, PhotoOfUploadsSerializer
from photos.api.views import card_or_404
from photos.models import Draft, Media, Photo
from photos.refusals import ImageRejected
from social import publishing
from social.api.serializers import (
    DraftChangesSerializer,
    DraftSerializer,
    MediaChangesSerializer,
    MediaSerializer,
    MediaUploadSerializer,
    NewPhotoSerializer,
)
from social.api.upload_answers import (
    DRAFT_CODES,
    MEDIA_CODES,
    PICTURE_CODES,
    draft_json,
    media_json,
    refused,
    unusable,
)
from social.publishing import MediaUnusable, publish, publish_media

STATUS = {Media.State.PROCESSING: 206, Media.State.READY: 200}


@extend_schema(tags=["uploads"])
class MediaListView(ApiView):
    """New uploads."""

    parser_classes = (MultiPartParser,)
    write_throttle = throttle("upload")

    @extend_schema(
        summary="Upload a picture",
        description="200: it is ready. 202: it is processing; ask again. Attach it with `POST "
        "photos/from-media/` within a day.",
        request={"multipart/form-data": MediaUploadSerializer},
        responses={200: MediaSerializer, 202: MediaSerializer},
    )
    @refuses_pictures(PICTURE_CODES)
    @idempotent
    def post(self, request: Request) -> Response:
        """Take the file in."""
        sent = MediaUploadSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        try:
            media = publishing.upload(owner=caller(request), **sent.validated_data)
        except ImageRejected as error:
            raise refused(error, "image") from None
        status = 200 if media.state == Media.State.READY else 202
        return Response(media_json(media), status=status)


@extend_schema(tags=["uploads"])
class MediaView(ApiView):
    """One upload."""

    @extend_schema(
        summary="See how far an upload is",
        responses={
            200: MediaSerializer,
            206: OpenApiResponse(MediaSerializer, "It is still processing."),
        },
    )
    @refuses(422, *PICTURE_CODES, "busy", "file_too_large")
    def get(self, request: Request, media_id: int) -> Response:
        """Answer 200 when ready, 206 while processing; ``Problem`` 422 with the reason else."""
        media = get_object_or_404(Media.objects.owned_by(caller(request)), pk=media_id)
        if media.state == Media.State.FAILED:
            raise Problem(422, media.reason, publishing.reason_of(media))
        return Response(media_json(media), status=STATUS[Media.State(media.state)])

    @extend_schema(
        summary="Describe, turn or crop it",
        description="A turn or a crop is made from the original: the answer may say that it is "
        "processing.",
        request=MediaChangesSerializer,
        responses=MediaSerializer,
    )
    @refuses(409, "media_in_use")
    @refuses_pictures(PICTURE_CODES)
    def patch(self, request: Request, media_id: int) -> Response:
        """Change alt text, turn and crop; ``Problem`` 409 to crop what is part of a photo."""
        mine = Media.objects.owned_by(caller(request))
        media = get_object_or_404(mine, pk=media_id)
        sent = MediaChangesSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        changes = dict(sent.validated_data)
        if "alt_text" in changes:
            publishing.describe(media=media, alt_text=changes.pop("alt_text"))
        if not changes:
            return Response(media_json(media))
        if not mine.editable().filter(pk=media_id).exists():
            raise Problem(409, "media_in_use", "This upload is part of a photo.")
        try:
            publishing.adjust(media, **changes)
        except ImageRejected as error:
            raise refused(error, "crop") from None
        return Response(media_json(get_object_or_404(mine, pk=media_id)))

    @extend_schema(summary="Throw it away", responses={204: None})
    @refuses(409, "media_in_use")
    def delete(self, request: Request, media_id: int) -> Response:
        """Delete an upload; ``Problem`` 409 if it is part of a photo."""
        mine = Media.objects.owned_by(caller(request)).filter(pk=media_id)
        if not publishing.discard(mine.editable()):
            get_object_or_404(mine)
            raise Problem(409, "media_in_use", "This upload is part of a photo. Delete that.")
        return Response(status=204)


@extend_schema(tags=["uploads"])
class MediaRetryView(ApiView):
    """A second try."""

    @extend_schema(
        summary="Process a failed upload again", request=None, responses={202: MediaSerializer}
    )
    def post(self, request: Request, media_id: int) -> Response:
        """Process it again, from the file as it came; one that did not fail stays as it is."""
        media = get_object_or_404(Media.objects.owned_by(caller(request)), pk=media_id)
        publishing.retry(media)
        # It may be published by now, and gone as an upload.
        media = Media.objects.filter(pk=media_id).first() or media
        return Response(media_json(media), status=202)


@extend_schema(tags=["photos"])
class PublishView(ApiView):
    """New photos, from a file. Clients of former versions send ``media_ids`` here as well."""

    parser_classes = (MultiPartParser, ShallowJSONParser)
    write_throttle = throttle("upload")

    @extend_schema(
        summary="Publish a photo from a file",
        description="201: it is published. 202: its picture is still processing, and it is "
        "published with it; `url` says how far it is. `photos/from-media/` publishes uploads.",
        request={"multipart/form-data": PhotoFileSerializer},
        responses={201: NewPhotoSerializer, 202: NewPhotoSerializer},
    )
    @refuses(422, *MEDIA_CODES)
    @refuses_pictures(PICTURE_CODES)
    @idempotent
    def post(self, request: Request) -> Response:
        """Answer with the new photo, which followers see at once."""
        if isinstance(request.data, dict) and "media_ids" in request.data:
            return published(request, _of_uploads)
        return published(request, _of_file)

    def get_throttles(self) -> list[BaseThrottle]:
        """Return the throttle of this request: uploads were counted when they were sent."""
        if str(self.request.content_type).startswith(ShallowJSONParser.media_type):
            self.write_throttle = PublishMediaView.write_throttle
        return super().get_throttles()


@extend_schema(tags=["photos"])
class PublishMediaView(ApiView):
    """New photos, from uploads."""

    write_throttle = throttle("publish")

    @extend_schema(
        summary="Publish a photo from uploads",
        description="202: some of them are still processing, and it is published with the last; "
        "`url` says how far it is. Their alt texts are their own.",
        request=PhotoOfUploadsSerializer,
        responses={201: NewPhotoSerializer, 202: NewPhotoSerializer},
    )
    @refuses(422, *MEDIA_CODES)
    @idempotent
    def post(self, request: Request) -> Response:
        """Answer with the new photo, which followers see at once."""
        return published(request, _of_uploads)


def published(request: Request, publish_one: Callable[[User, Any], Photo | Draft]) -> Response:
    """Return the answer to a request that publishes: 201, or 202 while a picture is processing.

    Raises ``Problem`` for pictures and uploads that are refused, ``ValidationError``.
    """
    try:
        photo = publish_one(caller(request), request.data)
    except ImageRejected as error:
        raise refused(error, "image") from None
    except MediaUnusable as error:
        raise unusable(error) from None
    if isinstance(photo, Draft):
        return Response(draft_json(photo, base_of(request)), status=202)
    card = card_or_404(request, photo.pk)
    return Response({**photo_json(card, base_of(request)), "state": "published"}, status=201)


def _of_uploads(author: User, data: Any) -> Photo | Draft:
    sent = PhotoOfUploadsSerializer(data=data)
    sent.is_valid(raise_exception=True)
    return publish_media(author=author, **sent.validated_data)


def _of_file(author: User, data: Any) -> Photo | Draft:
    sent = PhotoFileSerializer(data=data)
    sent.is_valid(raise_exception=True)
    return publish(author=author, **sent.validated_data)


@extend_schema(tags=["uploads"])
class DraftsView(PageView):
    """Photos that wait for their pictures."""

    @extend_schema(summary="Your drafts", responses=DraftSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Answer with a page, the newest first."""
        return self.answer(request)

    @extend_schema(
        summary="Start a draft",
        description="It keeps words and uploads until it is published, on any device.",
        request=DraftChangesSerializer,
        responses={201: DraftSerializer},
    )
    @refuses(422, *DRAFT_CODES, "too_many_drafts")
    @idempotent
    def post(self, request: Request) -> Response:
        """Answer with the new draft; ``Problem`` 422 for uploads that it cannot have."""
        return composed(request)

    def read(self, request: Request, cursor: Cursor | None, size: int, **path: Any) -> Page[Draft]:
        """Return a page of drafts with their uploads."""
        return paginate(Draft.objects.owned_by(caller(request)).with_media(), cursor, size)

    def row(self, item: Draft, base: str) -> dict[str, Any]:
        """Return the draft."""
        return draft_json(item, base)


@extend_schema(tags=["uploads"])
class DraftView(ApiView):
    """One photo that waits for its pictures."""

    @extend_schema(
        summary="See how far a photo is",
        responses={
            200: DraftSerializer,
            303: OpenApiResponse(description="It is published: `Location` is that of the photo."),
        },
    )
    def get(self, request: Request, photo_id: int) -> Response:
        """Answer with the draft, or 303 to the photo that it became; ``Http404`` if neither."""
        drafts = Draft.objects.owned_by(caller(request)).with_media()
        draft = drafts.filter(pk=photo_id).first()
        if draft is not None:
            return Response(draft_json(draft, base_of(request)))
        if not Photo.objects.by(caller(request)).filter(pk=photo_id).exists():
            raise Http404
        address = base_of(request) + reverse("api-photo", args=[photo_id])
        return Response(status=303, headers={"Location": address})

    @extend_schema(
        summary="Arrange or describe it",
        description="What is left out stays. `media_ids` are its pictures in their order, new ones "
        "among them, and the first is the cover; those that it has beside them come behind. "
        "`PATCH media/{media_id}/` changes one picture, `DELETE` takes it out.",
        request=DraftChangesSerializer,
        responses=DraftSerializer,
    )
    @refuses(409, "draft_sent")
    @refuses(422, *DRAFT_CODES)
    def patch(self, request: Request, photo_id: int) -> Response:
        """Change an unsent draft; ``Problem`` 409 for one that was sent, 422 for its uploads."""
        get_object_or_404(Draft.objects.owned_by(caller(request)), pk=photo_id)
        return composed(request, photo_id)

    @extend_schema(summary="Throw it away", responses={204: None})
    def delete(self, request: Request, photo_id: int) -> Response:
        """Delete a draft with its uploads."""
        draft = get_object_or_404(Draft.objects.owned_by(caller(request)), pk=photo_id)
        publishing.discard_draft(draft)
        return Response(status=204)


@extend_schema(tags=["uploads"])
class PublishDraftView(ApiView):
    """A draft that becomes a photo."""

    write_throttle = throttle("publish")

    @extend_schema(
        summary="Publish a draft",
        description="As it is. The photo has an id of its own, and the draft is gone. 202: some "
        "pictures are still processing, and it is published with the last; `url` says how far it "
        "is.",
        request=None,
        responses={201: NewPhotoSerializer, 202: NewPhotoSerializer},
    )
    @refuses(409, "draft_sent")
    @refuses(422, *MEDIA_CODES)
    @idempotent
    def post(self, request: Request, photo_id: int) -> Response:
        """Answer with the new photo; ``Problem`` 409 for a draft that was sent before."""
        get_object_or_404(Draft.objects.owned_by(caller(request)), pk=photo_id)
        return published(
            request, lambda author, _: publishing.publish_composed(author=author, draft_id=photo_id)
        )


def composed(request: Request, draft_id: int | None = None) -> Response:
    """Return the answer to a request that makes a draft, or changes ``draft_id``.

    Raises ``Problem`` for uploads that it cannot have, ``ValidationError``.
    """
    sent = DraftChangesSerializer(data=request.data)
    sent.is_valid(raise_exception=True)
    try:
        draft = publishing.compose(author=caller(request), draft_id=draft_id, **sent.validated_data)
    except MediaUnusable as error:
        raise unusable(error) from None
    return Response(draft_json(draft, base_of(request)), status=200 if draft_id else 201)
