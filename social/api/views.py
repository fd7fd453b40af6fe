"""The own account, publishing, the feed, explore, and what the site is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.api.authentication import caller
from accounts.api.idempotency import idempotent
from accounts.api.json import account_json
from accounts.api.serializers import AccountSerializer, PasswordSerializer
from accounts.authentication import passwords
from accounts.doors import confirmations, site_pages
from accounts.doors.site import site_settings, takes_sign_ups
from accounts.models import User
from minigram_site.api.parsing import ShallowJSONParser
from minigram_site.api.views import ApiView, PageView, base_of
from minigram_site.web.pagination import Cursor, Page
from minigram_site.web.throttling import throttle
from photos.api.json import photo_json
from photos.api.serializers import (
    PhotoFileSerializer,
    PhotoOfUploadsSerializer,
    PhotoSerializer,
)
from photos.api.views import card_or_404
from photos.cards import PhotoCard
from photos.formats import ACCEPTED_TYPES
from photos.models import Draft, Photo
from photos.refusals import ImageRejected
from social import explore, feed, follows, profiles
from social.api.serializers import (
    ChangesSerializer,
    ChangesWithAvatarSerializer,
    DraftSerializer,
    FeedPhotoSerializer,
    InstanceSerializer,
)
from social.api.upload_errors import IDEMPOTENCY, refused, unusable
from social.api.upload_views import draft_json
from social.publishing import MediaUnusable, publish, publish_media


def confirm_password(request: Request, password: str) -> None:
    """Raise ``ValidationError`` at ``password`` unless it is the caller's.

    Raises ``TooManyRequests`` where too many were tried.
    """
    if not passwords.confirm(password, user=caller(request), request=request._request):
        raise ValidationError({"password": ["That isn’t your password."]}, "wrong_password")


@extend_schema(tags=["me"])
class MeView(ApiView):
    """Your own account."""

    parser_classes = (ShallowJSONParser, MultiPartParser)

    @extend_schema(summary="Read your account", responses=AccountSerializer)
    def get(self, request: Request) -> Response:
        """Answer with the account."""
        user = User.objects.with_stats().get(pk=caller(request).pk)
        return Response(account_json(user, base_of(request)))

    @extend_schema(
        summary="Change your account",
        description="What is left out stays. An avatar is sent as multipart, `null` removes it. "
        "`me/email/` says whether another address has to be confirmed first.",
        request={
            "application/json": ChangesSerializer,
            "multipart/form-data": ChangesWithAvatarSerializer,
        },
        responses=AccountSerializer,
    )
    def patch(self, request: Request) -> Response:
        """Change what is named; nothing is changed if anything is refused."""
        changes = ChangesWithAvatarSerializer(data=request.data, partial=True)
        changes.is_valid(raise_exception=True)
        self._apply(request, dict(changes.validated_data))
        return self.get(request)

    @extend_schema(
        summary="Delete your account",
        description="With photos, files, likes and comments. This cannot be taken back.",
        request={"application/json": PasswordSerializer},
        responses={204: None},
    )
    def delete(self, request: Request) -> Response:
        """Delete the account; the password is asked again."""
        given = PasswordSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        confirm_password(request, given.validated_data["password"])
        profiles.delete_account(user=caller(request))
        return Response(status=204)

    def _apply(self, request: Request, changes: dict[str, Any]) -> None:
        user = caller(request)
        password = changes.pop("password", "")
        email = changes.pop("email", None)
        private = changes.pop("is_private", None)
        noindex = changes.pop("noindex", None)
        language = changes.pop("language", None)
        if email is not None:
            confirm_password(request, password)
            services.refuse_taken(email=email, user=user)
        if "avatar" in changes:
            self._change_avatar(user, changes.pop("avatar"))
        if email is not None:
            confirmations.change_address(user=user, email=email)
        if private is not None:
            follows.set_privacy(user=user, private=private)
        if noindex is not None:
            profiles.set_noindex(user=user, noindex=noindex)
        if language is not None:
            services.set_language(user=user, language=language)
        profiles.edit_profile(user=user, **changes)

    def _change_avatar(self, user: User, image: Any) -> None:
        if image is None:
            profiles.remove_avatar(user=user)
            return
        try:
            profiles.change_avatar(user=user, image=image)
        except ImageRejected as error:
            raise refused(error, "avatar") from None


@extend_schema(tags=["photos"])
class PublishView(ApiView):
    """New photos."""

    parser_classes = (MultiPartParser, ShallowJSONParser)
    write_throttle = throttle("upload")

    @extend_schema(
        summary="Publish a photo",
        description="From a file (`image`, multipart), or from 1 to 10 uploads (`media_ids`). 202: "
        "its pictures are still processing, and it is published with the last of them.",
        request={
            "multipart/form-data": PhotoFileSerializer,
            "application/json": PhotoOfUploadsSerializer,
        },
        responses={201: PhotoSerializer, 202: DraftSerializer},
        parameters=[IDEMPOTENCY],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Answer with the new photo, which followers see at once."""
        try:
            photo = _publish(caller(request), request.data)
        except ImageRejected as error:
            raise refused(error, "image") from None
        except MediaUnusable as error:
            raise unusable(error) from None
        if isinstance(photo, Draft):
            return Response(draft_json(photo, base_of(request)), status=202)
        card = card_or_404(request, photo.pk)
        return Response(photo_json(card, base_of(request)), status=201)


def _publish(author: User, data: Any) -> Photo | Draft:
    """Publish what was sent: uploads if it names them, else a file.

    Raises ``ValidationError`` for faulty values, ``ImageRejected`` and ``MediaUnusable``.
    """
    if isinstance(data, dict) and "media_ids" in data:
        uploads = PhotoOfUploadsSerializer(data=data)
        uploads.is_valid(raise_exception=True)
        return publish_media(author=author, **uploads.validated_data)
    file = PhotoFileSerializer(data=data)
    file.is_valid(raise_exception=True)
    return publish(author=author, **file.validated_data)


class CardsView(PageView):
    """A list of photos; subclasses say which."""

    def row(self, item: PhotoCard, base: str) -> dict[str, Any]:
        """Return the photo."""
        return photo_json(item, base)


@extend_schema(tags=["photos"])
class FeedView(CardsView):
    """Your home feed."""

    @extend_schema(
        summary="Your home feed",
        description="Photos of the people whom you follow, yours, and those of tags you follow.",
        responses=FeedPhotoSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Answer with a page of photos, newest first."""
        return self.answer(request)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[PhotoCard]:
        """Return a page of cards. Two queries, three for people who follow tags."""
        page = feed.feed_page(caller(request), cursor, size)
        self.brought_by = page.tags
        return page

    def row(self, item: PhotoCard, base: str) -> dict[str, Any]:
        """Return the photo, and the followed tag that brought it."""
        tag = self.brought_by.get(item.id)
        return photo_json(item, base, followed_tag=tag) if tag else photo_json(item, base)


@extend_schema(tags=["photos"])
class ExploreView(CardsView):
    """Photos of public accounts."""

    @extend_schema(
        summary="Photos of public accounts",
        description="The newest, or the most popular: those with the most recent interest, in the "
        "ranking that stood when you read their first page.",
        responses=PhotoSerializer(many=True),
        parameters=[OpenApiParameter("sort", enum=["recent", "popular"], default="recent")],
    )
    def get(self, request: Request) -> Response:
        """Answer with a page of photos; ``ValidationError`` for an unknown ``sort``."""
        order = request.query_params.get("sort", "recent")
        if order not in {"recent", "popular"}:
            raise ValidationError({"sort": ["Use recent or popular."]}, "invalid")
        self.popular = order == "popular"
        self.cursor_keys = explore.POPULAR if self.popular else explore.RECENT
        return self.answer(request)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[PhotoCard]:
        """Return a page of cards. Two queries."""
        source = explore.popular_page if self.popular else explore.recent_page
        return source(request.user, cursor, size)


@extend_schema(tags=["site"])
class InstanceView(ApiView):
    """What this site is and accepts."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(summary="What this site is and accepts", responses=InstanceSerializer)
    def get(self, request: Request) -> Response:
        """Answer with name, version, limits, and which way in there is. No query of its own."""
        site = site_settings()
        return Response(
            {
                "name": settings.SITE_NAME,
                "version": settings.VERSION,
                "registration_open": takes_sign_ups(),
                "sign_up": site.sign_up,
                "question": site.question,
                "email_check": site.email_check,
                "members_only": site.members_only,
                "members_may_invite": site.members_may_invite,
                "pages": [link.name for link in site_pages.written()],
                "accepted_types": list(ACCEPTED_TYPES),
                "max_upload_bytes": settings.MAX_UPLOAD_BYTES,
                "max_image_pixels": settings.MAX_IMAGE_PIXELS,
            }
        )
