"""Pins: your photos that your profile shows first."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from minigram_site.api.errors import Problem
from minigram_site.api.openapi.problems import refuses
from minigram_site.api.views import ApiView
from photos import pins
from photos.permissions import own_photo


@extend_schema(tags=["photos"])
class PinView(ApiView):
    """A photo of yours at the front of your profile."""

    @extend_schema(
        summary="Pin a photo to your profile",
        description="Your own. It becomes the first; pinned again it moves to the front. 409 "
        "`too_many_pins` for a fourth, `archived` for one in the archive.",
        request=None,
        responses={204: None},
    )
    @refuses(403, "permission_denied")
    @refuses(409, "archived", "too_many_pins")
    def put(self, request: Request, photo_id: int) -> Response:
        """Pin. ``Problem`` 409 if refused."""
        try:
            pins.pin(photo=own_photo(caller(request), photo_id))
        except pins.CannotPin as error:
            raise Problem(409, error.code, str(error)) from None
        return Response(status=204)

    @extend_schema(summary="Unpin a photo", responses={204: None})
    @refuses(403, "permission_denied")
    def delete(self, request: Request, photo_id: int) -> Response:
        """Unpin; again changes nothing."""
        pins.unpin(photo=own_photo(caller(request), photo_id))
        return Response(status=204)
