"""Share links over the API: for whoever makes them, and for whoever has one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from accounts.doors.site import last_known
from minigram_site.api.errors import Problem
from minigram_site.api.openapi.problems import refuses
from minigram_site.api.views import ApiView, PageView, base_of
from minigram_site.db import on_primary
from minigram_site.web.pagination import Cursor, Page
from social.albums import linked_photos, links, reading
from social.albums.api.json import link_json, linked_photo_json, shared_json
from social.albums.api.serializers import (
    KeySerializer,
    LinkSerializer,
    MadeLinkSerializer,
    NewLinkSerializer,
    SharedPhotoSerializer,
    SharedSerializer,
    UnlockSerializer,
)
from social.albums.linked_photos import LinkedPhoto
from social.albums.models import ShareLink

KEY_HEADER = "X-Share-Key"
KEY = OpenApiParameter(
    KEY_HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The `key` of the call `unlock/`, for a link that has a password.",
)
_TOLD_ONCE = "The answer has its address, which is told only now: nothing of it is kept."


class ShareView(ApiView):
    """Making links; subclasses say to what."""

    def make(self, request: Request, **thing: Any) -> Response:
        """Answer with the new link. ``Problem`` 409 where ``links`` refuses."""
        wanted = NewLinkSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        try:
            link, token = links.share(sharer=caller(request), **thing, **wanted.validated_data)
        except links.CannotShare as error:
            raise Problem(409, str(error.code), str(error.message)) from None
        url = settings.SITE_URL + reverse("social:shared", args=[token])
        closed = last_known().members_only
        body = {**link_json(link), "url": url, "token": token, "needs_log_in": closed}
        return Response(body, status=201, headers={"Cache-Control": "no-store"})


@extend_schema(tags=["collections"])
class PhotoLinksView(ShareView):
    """Links to a photo of yours."""

    @extend_schema(
        summary="Share a photo by a link",
        description=_TOLD_ONCE,
        request=NewLinkSerializer,
        responses={201: MadeLinkSerializer},
    )
    @refuses(403, "permission_denied")
    @refuses(409, "photo_archived", "too_many_links")
    def post(self, request: Request, photo_id: int) -> Response:
        """Answer with the link to an own photo."""
        return self.make(request, photo_id=photo_id)


@extend_schema(tags=["collections"])
class AlbumLinksView(ShareView):
    """Links to an album of yours."""

    @extend_schema(
        summary="Share an album by a link",
        description=f"{_TOLD_ONCE} It shows your own photos, and those that everybody may see.",
        request=NewLinkSerializer,
        responses={201: MadeLinkSerializer},
    )
    @refuses(403, "permission_denied")
    @refuses(409, "too_many_links")
    def post(self, request: Request, album_id: int) -> Response:
        """Answer with the link to an own album."""
        return self.make(request, album_id=album_id)


@extend_schema(tags=["collections"])
class LinksView(PageView):
    """Your links."""

    @extend_schema(summary="Your links that work", responses=LinkSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Answer with a page of links, newest first."""
        return self.answer(request)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[ShareLink]:
        """Return a page of links. One query."""
        return links.links_page(caller(request), cursor, size)

    def row(self, item: ShareLink, base: str) -> dict[str, Any]:
        """Return the link."""
        return link_json(item)


@extend_schema(tags=["collections"])
class LinkView(ApiView):
    """A link of yours."""

    @extend_schema(summary="Revoke a link", responses={204: None})
    def delete(self, request: Request, link_id: int) -> Response:
        """Revoke; again changes nothing."""
        links.revoke(sharer=caller(request), link_id=link_id)
        return Response(status=204)


@refuses(401, "password_needed", "not_authenticated")
class HolderView(ApiView):
    """What whoever has a link is answered, at each address below ``shared/``: no account is asked.

    The link is asked for at each request, on the primary, and so is the key where it has a
    password. Nobody keeps or indexes the answers.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    needs_key = True
    link: ShareLink

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer the request from the primary."""
        with on_primary():
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the link. Raises ``Http404``, and ``Problem`` 401 where its key is missing."""
        super().initial(request, *args, **kwargs)
        self.link = links.find(kwargs["token"])
        if self.needs_key and not links.is_open(self.link, request.headers.get(KEY_HEADER, "")):
            raise _password_needed("This link has a password: unlock it first.")

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add the headers of answers whose address is a key."""
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return super().finalize_response(request, response, *args, **kwargs)


@extend_schema(tags=["collections"])
class UnlockView(HolderView):
    """Unlocking a link."""

    needs_key = False

    @extend_schema(
        summary="Unlock a link by its password",
        description="Guesses are limited as those of a log-in are.",
        request=UnlockSerializer,
        responses=KeySerializer,
    )
    def post(self, request: Request, token: str) -> Response:
        """Answer with the key. ``Problem`` 401 for another password."""
        given = UnlockSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        key = links.unlock(self.link, given.validated_data["password"], request._request)
        if key is None:
            raise _password_needed("That isn’t the password for this link.")
        return Response({"key": key})


@extend_schema(tags=["collections"], parameters=[KEY])
class SharedView(HolderView):
    """What a link leads to."""

    @extend_schema(
        summary="What a link leads to",
        description="`password_needed` (401): get a key first.",
        responses=SharedSerializer,
    )
    def get(self, request: Request, token: str) -> Response:
        """Answer with that, without its photos."""
        number = links.photos_of(self.link).count()
        return Response(shared_json(self.link, number, base_of(request)))


@extend_schema(tags=["collections"], parameters=[KEY])
class SharedPhotosView(HolderView, PageView):
    """The photos behind a link."""

    cursor_keys = reading.PHOTOS

    @extend_schema(
        summary="The photos behind a link",
        description="The addresses of their pictures need the same header.",
        responses=SharedPhotoSerializer(many=True),
    )
    def get(self, request: Request, token: str) -> Response:
        """Answer with a page of photos, in the order of the album."""
        return self.answer(request, token=token)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[LinkedPhoto]:
        """Return a page of photos. Two queries."""
        return linked_photos.photos_page(self.link, path["token"], cursor, size)

    def row(self, item: LinkedPhoto, base: str) -> dict[str, Any]:
        """Return the photo."""
        return linked_photo_json(item, base)


def _password_needed(sentence: str) -> Problem:
    problem = Problem(401, "password_needed", sentence)
    # DRF's handler makes this the WWW-Authenticate of the response.
    problem.auth_header = 'SharePassword realm="share link"'  # type: ignore[attr-defined]
    return problem
