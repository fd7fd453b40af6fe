"""The comments below a photo: their replies and likes."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from accounts.api.idempotency import idempotent
from minigram_site.api.errors import Problem
from minigram_site.api.openapi.problems import refuses
from minigram_site.api.views import ApiView, PageView, base_of
from minigram_site.web.pagination import Cursor, Page
from minigram_site.web.throttling import throttle
from photos import services
from photos.api.json import comment_json, reply_json
from photos.api.serializers import (
    CommentLikedSerializer,
    CommentSerializer,
    CommentTextSerializer,
    NewCommentSerializer,
    ReplySerializer,
)
from photos.conversation import comments
from photos.conversation.cards import (
    CommentCard,
    card_of_new,
    comment_card,
    comments_page,
    replies_page,
)
from photos.permissions import (
    COMMENTS_OFF,
    comments_are_open,
    deletable_comment,
    own_comment,
    require_visible,
    visible_comment,
)


def require_open(request: Request, photo_id: int) -> None:
    """Raise ``Problem`` (403) where comments are off, ``Http404`` where there is no photo."""
    if not comments_are_open(request.user, photo_id):
        raise Problem(403, "comments_off", str(COMMENTS_OFF))


def card_or_404(request: Request, photo_id: int, comment_id: int) -> CommentCard:
    """Return the card of a comment below a photo that the caller may see, or raise ``Http404``."""
    card = comment_card(photo_id, comment_id, request.user)
    if card is None:
        raise Http404
    return card


@extend_schema(tags=["comments"])
class CommentsView(PageView):
    """The comments below a photo."""

    write_throttle = throttle("comment")

    @extend_schema(
        summary="Read the comments",
        description="The newest first, each with the first three replies to it.",
        responses=CommentSerializer(many=True),
    )
    def get(self, request: Request, photo_id: int) -> Response:
        """Answer with a page of comments, newest first."""
        return self.answer(request, photo_id=photo_id)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[CommentCard]:
        """Return a page of comments. Two queries, and one for their replies."""
        require_visible(request.user, path["photo_id"])
        return comments_page(path["photo_id"], request.user, cursor, size)

    def row(self, item: CommentCard, base: str) -> dict[str, Any]:
        """Return the comment."""
        return comment_json(item, base)

    @extend_schema(
        summary="Write a comment",
        request=NewCommentSerializer,
        responses={201: CommentSerializer},
    )
    @refuses(403, "comments_off")
    @idempotent
    def post(self, request: Request, photo_id: int) -> Response:
        """Answer with the new comment; ``Http404`` if that which it replies to is not there."""
        require_open(request, photo_id)
        words = NewCommentSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        answered = words.validated_data.get("reply_to")
        comment = services.comment(
            author=caller(request),
            photo_id=photo_id,
            text=words.validated_data["text"],
            reply_to=visible_comment(caller(request), photo_id, answered) if answered else None,
        )
        return Response(comment_json(card_of_new(comment), base_of(request)), status=201)


@extend_schema(tags=["comments"])
class CommentView(ApiView):
    """One comment."""

    @extend_schema(summary="Read a comment", responses=CommentSerializer)
    def get(self, request: Request, photo_id: int, comment_id: int) -> Response:
        """Answer with the comment."""
        require_visible(request.user, photo_id)
        card = card_or_404(request, photo_id, comment_id)
        return Response(comment_json(card, base_of(request)))

    @extend_schema(
        summary="Edit a comment",
        description="Your own, unless comments are off. From then on it says that it was edited.",
        request=CommentTextSerializer,
        responses=CommentSerializer,
    )
    @refuses(403, "comments_off", "permission_denied")
    def patch(self, request: Request, photo_id: int, comment_id: int) -> Response:
        """Give an own comment another text."""
        comment = own_comment(caller(request), photo_id, comment_id)
        require_open(request, photo_id)
        words = CommentTextSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        comments.edit_comment(comment=comment, text=words.validated_data["text"])
        return self.get(request, photo_id, comment_id)

    @extend_schema(
        summary="Delete a comment",
        description="Your own, or one below your photo; you can bring it back for 30 days. "
        "Replies to it stay.",
        responses={204: None},
    )
    @refuses(403, "permission_denied")
    def delete(self, request: Request, photo_id: int, comment_id: int) -> Response:
        """Delete an own comment, or one below an own photo."""
        comment = deletable_comment(caller(request), photo_id, comment_id)
        services.delete_comment(comment=comment, by=caller(request))
        return Response(status=204)


@extend_schema(tags=["comments"])
class RepliesView(PageView):
    """The replies to a comment."""

    @extend_schema(summary="Read the replies to a comment", responses=ReplySerializer(many=True))
    def get(self, request: Request, photo_id: int, comment_id: int) -> Response:
        """Answer with a page of replies, oldest first."""
        return self.answer(request, photo_id=photo_id, comment_id=comment_id)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[CommentCard]:
        """Return a page of replies. Three queries, and one for the first replies."""
        require_visible(request.user, path["photo_id"])
        card_or_404(request, path["photo_id"], path["comment_id"])
        return replies_page(path["photo_id"], path["comment_id"], request.user, cursor, size)

    def row(self, item: CommentCard, base: str) -> dict[str, Any]:
        """Return the reply."""
        return reply_json(item, base)


@extend_schema(tags=["comments"])
class CommentLikeView(ApiView):
    """Your like of a comment."""

    @extend_schema(summary="Like a comment", request=None, responses=CommentLikedSerializer)
    def put(self, request: Request, photo_id: int, comment_id: int) -> Response:
        """Like; again changes nothing."""
        visible_comment(caller(request), photo_id, comment_id)
        comments.like_comment(user=caller(request), comment_id=comment_id)
        return self._answer(request, photo_id, comment_id)

    @extend_schema(
        summary="Take the like of a comment back", responses={200: CommentLikedSerializer}
    )
    def delete(self, request: Request, photo_id: int, comment_id: int) -> Response:
        """Unlike; again changes nothing."""
        visible_comment(caller(request), photo_id, comment_id)
        comments.unlike_comment(user=caller(request), comment_id=comment_id)
        return self._answer(request, photo_id, comment_id)

    def _answer(self, request: Request, photo_id: int, comment_id: int) -> Response:
        card = card_or_404(request, photo_id, comment_id)
        return Response({"liked": card.liked, "like_count": card.like_count})
