"""Shared albums over the API: members and invitations."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from accounts.models import User
from minigram_site.api.errors import Problem
from minigram_site.api.openapi.problems import refuses
from minigram_site.api.views import ApiView, PageView
from minigram_site.web.pagination import Cursor, Page
from social import people
from social.albums import members, reading
from social.albums.api.json import invitation_json, member_json
from social.albums.api.serializers import AlbumInvitationSerializer, MemberSerializer
from social.albums.models import AlbumMember


@extend_schema(tags=["collections"])
class MembersView(PageView):
    """Who adds to an album."""

    cursor_keys = members.KEYS

    @extend_schema(
        summary="Who adds to an album",
        description="For those who do. Its owner also sees whom they have invited.",
        responses=MemberSerializer(many=True),
    )
    @refuses(403, "permission_denied")
    def get(self, request: Request, album_id: int) -> Response:
        """Answer with a page of people, the latest first."""
        return self.answer(request, album_id=album_id)

    def read(self, request: Request, cursor: Cursor | None, size: int, **path: Any) -> Page[User]:
        """Return a page of people. Three queries. Raises ``PermissionDenied`` for all others."""
        album = reading.album_card(request.user, path["album_id"])
        if not album.may_add:
            raise PermissionDenied("Only those who add to an album see who does.")
        return members.members_page(album.id, caller(request), cursor, size, invited=album.is_owner)

    def row(self, item: User, base: str) -> dict[str, Any]:
        """Return the person."""
        return member_json(item, base)


@extend_schema(tags=["collections"])
class MemberView(ApiView):
    """One who adds to an album."""

    @extend_schema(
        summary="Invite a follower to an album",
        description="Again changes nothing. 409 for somebody who does not follow you "
        f"(`not_a_follower`), and beyond {members.MAX_MEMBERS} members.",
        request=None,
        responses={204: None},
    )
    @refuses(403, "permission_denied")
    @refuses(409, "own_album", "not_a_follower", "too_many_members")
    def put(self, request: Request, album_id: int, username: str) -> Response:
        """Invite them. ``Problem`` 409 if that cannot be."""
        person = people.profile(request.user, username)
        try:
            members.invite(owner=caller(request), album_id=album_id, person=person)
        except members.CannotInvite as error:
            raise Problem(409, str(error.code), str(error.message)) from None
        return Response(status=204)

    @extend_schema(summary="Remove somebody from an album", responses={204: None})
    @refuses(403, "permission_denied")
    def delete(self, request: Request, album_id: int, username: str) -> Response:
        """End a membership or invitation; what they added stays. Again changes nothing."""
        person = people.held(caller(request), username)
        members.remove_member(owner=caller(request), album_id=album_id, person=person)
        return Response(status=204)


@extend_schema(tags=["collections"])
class InvitationsView(PageView):
    """To which albums you are invited."""

    @extend_schema(
        summary="To which albums you are invited", responses=AlbumInvitationSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        """Answer with a page of invitations, the latest first."""
        return self.answer(request)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[AlbumMember]:
        """Return a page of invitations. One query."""
        return reading.invitations_of(caller(request), cursor, size)

    def row(self, item: AlbumMember, base: str) -> dict[str, Any]:
        """Return the invitation."""
        return invitation_json(item, base)


@extend_schema(tags=["collections"])
class InvitationView(ApiView):
    """Your part in an album of somebody else."""

    @extend_schema(summary="Accept an invitation", request=None, responses={204: None})
    def put(self, request: Request, album_id: int) -> Response:
        """Accept; 404 if there is no invitation (any more)."""
        members.accept(user=caller(request), album_id=album_id)
        return Response(status=204)

    @extend_schema(
        summary="Decline, or leave an album",
        description="What you added stays there.",
        responses={204: None},
    )
    def delete(self, request: Request, album_id: int) -> Response:
        """Leave; 404 for who has no part in it."""
        members.leave(user=caller(request), album_id=album_id)
        return Response(status=204)
