"""The own account, the feed, explore, and what the site is."""

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
from accounts.api.json import account_json
from accounts.api.serializers import AccountSerializer, PasswordSerializer
from accounts.authentication import passwords
from accounts.departures.api import leave
from accounts.doors import confirmations, site_pages
from accounts.doors.site import site_settings, takes_sign_ups
from accounts.models import User
from minigram_site.api.openapi.problems import refuses, refuses_pictures
from minigram_site.api.parsing import ShallowJSONParser
from minigram_site.api.views import ApiView, PageView, base_of
from minigram_site.web.pagination import Cursor, Page
from photos.api.json import photo_json
from photos.api.serializers import PhotoSerializer
from photos.cards import PhotoCard
from photos.formats import ACCEPTED_TYPES
from photos.refusals import ImageRejected
from social import explore, feed, follows, profiles
from social.api.serializers import (
    AvatarSerializer,
    ChangesSerializer,
    ChangesWithAvatarSerializer,
    FeedPhotoSerializer,
    InstanceSerializer,
)
from social.api.upload_answers import PICTURE_CODES, refused


def confirm_password(request: Request, password: str) -> None:
    """Raise ``ValidationError`` at ``password`` unless it is the caller's.

    Raises ``TooManyRequests`` where too many were tried.
    """
    if not passwords.confirm(password, user=caller(request), request=request._request):
        raise ValidationError({"password": ["That isn’t your password."]}, "wrong_password")


@extend_schema(tags=["me"])
class MeView(ApiView):
    """Your own account."""

    # Clients of former versions send an avatar here, as multipart.
    parser_classes = (ShallowJSONParser, MultiPartParser)

    @extend_schema(summary="Read your account", responses=AccountSerializer)
    def get(self, request: Request) -> Response:
        """Answer with the account."""
        user = User.objects.with_stats().get(pk=caller(request).pk)
        return Response(account_json(user, base_of(request)))

    @extend_schema(
        summary="Change your account",
        description="What is left out stays. `me/email/` says whether another address has to be "
        "confirmed first; a picture is sent to `me/avatar/`.",
        request={"application/json": ChangesSerializer},
        responses=AccountSerializer,
    )
    @refuses_pictures(PICTURE_CODES)
    def patch(self, request: Request) -> Response:
        """Change what is named; nothing is changed if anything is refused."""
        changes = ChangesWithAvatarSerializer(data=request.data, partial=True)
        changes.is_valid(raise_exception=True)
        self._apply(request, dict(changes.validated_data))
        return self.get(request)

    @refuses(400, "invalid")
    @extend_schema(
        summary="Have your account deleted",
        description="The former name of `POST me/deletion/`: it does that, and does not say when "
        "the account goes.",
        deprecated=True,
        request={"application/json": PasswordSerializer},
        responses={204: None},
    )
    def delete(self, request: Request) -> Response:
        """Answer 204. Raises ``ValidationError`` (400) for a wrong password."""
        leave(request)
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
        _set_avatar(user, image, field="avatar")


@extend_schema(tags=["me"])
class AvatarView(ApiView):
    """Your picture."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        summary="Set your picture",
        request={"multipart/form-data": AvatarSerializer},
        responses=AccountSerializer,
    )
    @refuses_pictures(PICTURE_CODES)
    def put(self, request: Request) -> Response:
        """Answer with the account. Raises ``Problem`` for a file that is no picture we can show."""
        sent = AvatarSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        _set_avatar(caller(request), sent.validated_data["image"], field="image")
        user = User.objects.with_stats().get(pk=caller(request).pk)
        return Response(account_json(user, base_of(request)))

    @extend_schema(summary="Remove your picture", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Remove it; again changes nothing."""
        profiles.remove_avatar(user=caller(request))
        return Response(status=204)


def _set_avatar(user: User, image: Any, *, field: str) -> None:
    """Make ``image`` the person's picture; raises ``Problem`` at ``field`` where it is refused."""
    try:
        profiles.change_avatar(user=user, image=image)
    except ImageRejected as error:
        raise refused(error, field) from None


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
                "deletion_days": site.deletion_days,
                "provider": site.provider_label if site.has_provider else "",
                "provider_only": site.is_provider_only,
                "pages": [link.name for link in site_pages.written()],
                "accepted_types": list(ACCEPTED_TYPES),
                "max_upload_bytes": settings.MAX_UPLOAD_BYTES,
                "max_image_pixels": settings.MAX_IMAGE_PIXELS,
            }
        )
