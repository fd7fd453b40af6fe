"""People: profiles, their lists, following and blocking."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from accounts.api.json import profile_json
from accounts.api.serializers import ProfileSerializer
from accounts.models import User
from minigram_site.api.errors import Problem
from minigram_site.api.openapi.problems import refuses
from minigram_site.api.views import ApiView, PageView, base_of, not_found
from minigram_site.web.pagination import Cursor, Page
from photos.api.json import photo_json
from photos.api.serializers import PhotoSerializer
from photos.card_pages.by_author import author_page
from photos.cards import PhotoCard
from photos.pins import pinned_page
from social import follows, people
from social.api.serializers import FollowStateSerializer


def viewable_profile(request: Request, username: str) -> User:
    """Return a person whose lists the caller may see.

    Raises ``Http404`` if there is none, ``Problem`` 403 ``private_account``.
    """
    user = people.profile(request.user, username)
    try:
        people.require_viewable(user)
    except people.PrivateAccount as error:
        raise Problem(403, "private_account", str(error)) from None
    return user


@extend_schema(tags=["people"])
class ProfileView(ApiView):
    """A person."""

    @extend_schema(summary="Read a profile", responses=ProfileSerializer)
    def get(self, request: Request, username: str) -> Response:
        """Answer with the profile."""
        return Response(profile_json(people.profile(request.user, username), base_of(request)))


@extend_schema(tags=["people"])
class PhotosView(PageView):
    """The photos of a person."""

    @extend_schema(summary="Their photos", responses=PhotoSerializer(many=True))
    @refuses(403, "private_account")
    def get(self, request: Request, username: str) -> Response:
        """Answer with a page of photos, newest first."""
        return self.answer(request, username=username)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[PhotoCard]:
        """Return a page of cards."""
        author = viewable_profile(request, path["username"])
        return author_page(author, request.user, cursor, size)

    def row(self, item: PhotoCard, base: str) -> dict[str, Any]:
        """Return the photo."""
        return photo_json(item, base)


@extend_schema(tags=["people"])
class PinsView(PhotosView):
    """The photos that a person shows first."""

    @extend_schema(
        summary="Their pinned photos",
        description="Three at the most, in their order. The list of their photos has them as "
        "well, where they were published.",
        responses=PhotoSerializer(many=True),
    )
    @refuses(403, "private_account")
    def get(self, request: Request, username: str) -> Response:
        """Answer with the photos."""
        return self.answer(request, username=username)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[PhotoCard]:
        """Return a page of cards."""
        author = viewable_profile(request, path["username"])
        return pinned_page(author, request.user, cursor, size)


class PeopleView(PageView):
    """A list of people; subclasses say which."""

    cursor_keys = ("link_id",)

    def row(self, item: User, base: str) -> dict[str, Any]:
        """Return the profile."""
        return profile_json(item, base)


@extend_schema(tags=["people"])
class FollowersView(PeopleView):
    """The followers of a person."""

    @extend_schema(summary="Their followers", responses=ProfileSerializer(many=True))
    @refuses(403, "private_account")
    def get(self, request: Request, username: str) -> Response:
        """Answer with a page of people, the newest follower first."""
        return self.answer(request, username=username)

    def read(self, request: Request, cursor: Cursor | None, size: int, **path: Any) -> Page[User]:
        """Return a page of people."""
        user = viewable_profile(request, path["username"])
        return people.followers(request.user, user, cursor, size)


@extend_schema(tags=["people"])
class FollowingView(PeopleView):
    """Those a person follows."""

    @extend_schema(summary="Whom they follow", responses=ProfileSerializer(many=True))
    @refuses(403, "private_account")
    def get(self, request: Request, username: str) -> Response:
        """Answer with a page of people, the latest followed first."""
        return self.answer(request, username=username)

    def read(self, request: Request, cursor: Cursor | None, size: int, **path: Any) -> Page[User]:
        """Return a page of people."""
        user = viewable_profile(request, path["username"])
        return people.following(request.user, user, cursor, size)


@extend_schema(tags=["people"])
class FollowView(ApiView):
    """Following a person."""

    @extend_schema(
        summary="Follow, or ask to", request=None, responses={200: FollowStateSerializer}
    )
    @refuses(409, "cannot_follow_yourself", "blocked")
    def put(self, request: Request, username: str) -> Response:
        """Follow, or ask a private account; again changes nothing. ``Problem`` if refused."""
        followee = people.profile(request.user, username)
        try:
            return Response({"state": follows.follow(follower=caller(request), followee=followee)})
        except follows.CannotFollow as error:
            raise Problem(409, error.code, str(error)) from None

    @extend_schema(summary="Unfollow, or withdraw the request", responses={204: None})
    def delete(self, request: Request, username: str) -> Response:
        """Unfollow; again changes nothing."""
        followee = people.profile(request.user, username)
        follows.unfollow(follower=caller(request), followee=followee)
        return Response(status=204)


@extend_schema(tags=["me"])
class FollowerView(ApiView):
    """One of your followers."""

    @extend_schema(summary="Remove a follower", responses={204: None})
    def delete(self, request: Request, username: str) -> Response:
        """Make them stop following you, also while they are suspended; again changes nothing."""
        follower = people.held(caller(request), username)
        follows.remove_follower(owner=caller(request), follower=follower)
        return Response(status=204)


@extend_schema(tags=["people"])
class BlockView(ApiView):
    """Blocking a person."""

    @extend_schema(summary="Block", request=None, responses={204: None})
    @refuses(409, "cannot_block_yourself")
    def put(self, request: Request, username: str) -> Response:
        """Block and end follows and requests between the two. ``Problem`` if refused."""
        blocked = people.held(caller(request), username)
        try:
            follows.block(blocker=caller(request), blocked=blocked)
        except follows.CannotFollow as error:
            raise Problem(409, error.code, str(error)) from None
        return Response(status=204)

    @extend_schema(summary="Take a block back", responses={204: None})
    def delete(self, request: Request, username: str) -> Response:
        """Unblock; again changes nothing."""
        follows.unblock(blocker=caller(request), blocked=people.held(caller(request), username))
        return Response(status=204)


@extend_schema(tags=["me"])
class RequestsView(PeopleView):
    """Those who ask to follow you."""

    @extend_schema(summary="Who asks to follow you", responses=ProfileSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Answer with a page of people, the latest request first."""
        return self.answer(request)

    def read(self, request: Request, cursor: Cursor | None, size: int, **path: Any) -> Page[User]:
        """Return a page of people."""
        return people.requests(caller(request), cursor, size)


@extend_schema(tags=["me"])
class RequestView(ApiView):
    """One who asks to follow you."""

    @extend_schema(summary="Accept a request", request=None, responses={204: None})
    def put(self, request: Request, username: str) -> Response:
        """Accept; 404 if they do not ask."""
        requester = people.profile(request.user, username)
        if not follows.accept(owner=caller(request), requester=requester):
            raise not_found()
        return Response(status=204)

    @extend_schema(summary="Decline a request", responses={204: None})
    def delete(self, request: Request, username: str) -> Response:
        """Decline; 404 if they do not ask."""
        requester = people.profile(request.user, username)
        if not follows.decline(owner=caller(request), requester=requester):
            raise not_found()
        return Response(status=204)


@extend_schema(tags=["me"])
class BlocksView(PeopleView):
    """Those whom you block."""

    @extend_schema(summary="Whom you block", responses=ProfileSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Answer with a page of people, the latest block first."""
        return self.answer(request)

    def read(self, request: Request, cursor: Cursor | None, size: int, **path: Any) -> Page[User]:
        """Return a page of people."""
        return people.blocked(caller(request), cursor, size)
