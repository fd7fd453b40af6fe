"""The causes of notifications: the likes, comments and follows that a row stands for.

What is shown of a notification, whether it is shown at all, and whether it is unread, is asked of
these rows each time, for the person who reads it. So it is gone when they are, when a block or a
suspension hides who did it, and when the photo cannot be seen any more.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from accounts.models import Follow, FollowRequest, Mute, User, reachable
from minigram_site.db import IndexProbe
from minigram_site.fields.snowflake import TIME_SHIFT
from photos.models import Comment, CommentLike, Like, Media, Mention, Photo
from social.albums.models import AlbumMember
from social.moderation.models import Decision, ModerationCase, Report, Verb
from social.notifications.kinds import GROUPED, WITH_PHOTO, Kind

# The ids of a day: new followers of one day are one notification.
DAY_OF_IDS = 86_400_000 << TIME_SHIFT
# How many causes of a row are read, the newest: more people than that are "others".
NEWEST = 10
_TARGET, _PHOTO = OuterRef("target_id"), OuterRef("photo_id")


def heard(viewer: User, path: str = "") -> Q:
    """Return the condition "``viewer`` is told of what this person does": not if they mute them.

    ``path`` leads from the filtered model to the person, as that of ``reachable`` does.
    """
    muted = Mute.objects.active().filter(muter=viewer.pk, muted=OuterRef(f"{path}pk"))
    return reachable(viewer, path) & ~Q(Exists(muted))


def caused_for(viewer: User, since: str = "", kinds: Collection[Kind] = tuple(Kind)) -> Q:
    """Return the condition of notifications "something is left of it that ``viewer`` may see".

    ``since`` names an annotation with an id: of kinds that many cause, one newer than that. Each
    row costs the probes of its own kind; rows of other ``kinds`` than these meet the condition
    without a question. PostgreSQL prepares the probes of all kinds for each statement that has
    them, if there are such rows or not: of all of them that is half of what a badge costs.
    """
    condition = Q() if len(kinds) == len(Kind) else ~Q(kind__in=sorted(kinds))
    for kind in sorted(kinds):
        left = causes(kind, viewer)
        if since and kind in GROUPED:
            left = left.filter(cause__gt=OuterRef(since))
        of_kind = Q(kind=kind) & Q(IndexProbe(left))
        if kind in WITH_PHOTO:
            seen = Photo.objects.visible_to(viewer).filter(pk=_PHOTO)
            of_kind &= Q(IndexProbe(seen))
        condition |= of_kind
    return condition


def newest_causes(viewer: User) -> Case:
    """Return the expression for the newest causes of a notification, pairs of id and person.

    The text of a JSON array. At most ``NEWEST`` index entries of each row are read, however many
    there are.
    """
    cases = [
        When(kind=kind, then=_AsPairs(causes(kind, viewer).order_by("-cause")[:NEWEST]))
        for kind in Kind
    ]
    return Case(*cases, output_field=TextField())


def causes(kind: Kind, viewer: User) -> QuerySet[Any, Any]:
    """Return the rows behind a notification of ``viewer``, a subquery of ``Notification``.

    Their columns are ``cause``, an id, and ``actor``, the id of who did it, null for the site.
    """
    return _CAUSES[kind](viewer)


def _likes(viewer: User) -> QuerySet[Any, Any]:
    likes = Like.objects.filter(heard(viewer, "user__"), photo=_TARGET).exclude(user=viewer.pk)
    return _pairs(likes, "user_id")


def _comments(viewer: User) -> QuerySet[Any, Any]:
    """Return others' comments below a photo, without replies to ``viewer``: a kind of their own."""
    comments = Comment.objects.filter(heard(viewer, "author__"), photo=_TARGET)
    return _pairs(comments.exclude(author=viewer.pk).exclude(parent__author=viewer.pk), "author_id")


def _replies(viewer: User) -> QuerySet[Any, Any]:
    replies = Comment.objects.filter(
        heard(viewer, "author__"), parent=_TARGET, parent__author=viewer.pk
    )
    return _pairs(replies.exclude(author=viewer.pk), "author_id")


def _comment_likes(viewer: User) -> QuerySet[Any, Any]:
    likes = CommentLike.objects.filter(
        heard(viewer, "user__"), comment=_TARGET, comment__author=viewer.pk
    )
    return _pairs(likes.exclude(user=viewer.pk), "user_id")


def _mentions(viewer: User) -> QuerySet[Any, Any]:
    """Return the mention of ``viewer`` in a comment or a caption, whose id is the target."""
    in_comment = Q(comment=_TARGET) & heard(viewer, "comment__author__")
    in_caption = Q(comment=None, photo=_TARGET) & heard(viewer, "photo__author__")
    mentions = Mention.objects.filter(in_comment | in_caption, user=viewer.pk, photo=_PHOTO)
    author = Coalesce("comment__author_id", "photo__author_id")
    return mentions.annotate(cause=F("id"), actor=author).values("cause", "actor")


def _follows(viewer: User) -> QuerySet[Any, Any]:
    """Return the follows of the day that begins with the target."""
    end = ExpressionWrapper(_TARGET + DAY_OF_IDS, BigIntegerField())
    follows = Follow.objects.filter(
        heard(viewer, "follower__"), followee=viewer.pk, id__gte=_TARGET, id__lt=end
    )
    return _pairs(follows, "follower_id")


def _requests(viewer: User) -> QuerySet[Any, Any]:
    requests = FollowRequest.objects.filter(
        heard(viewer, "requester__"), target=viewer.pk, requester=_TARGET
    )
    return _pairs(requests, "requester_id")


def _accepted(viewer: User) -> QuerySet[Any, Any]:
    follows = Follow.objects.filter(
        heard(viewer, "followee__"), follower=viewer.pk, followee=_TARGET
    )
    return _pairs(follows, "followee_id")


def _reports(viewer: User) -> QuerySet[Any, Any]:
    decided = Report.objects.filter(pk=_TARGET, reporter=viewer.pk)
    return _by_the_site(decided.exclude(case__state=ModerationCase.State.OPEN))


def _failed(viewer: User) -> QuerySet[Any, Any]:
    mine = Media.objects.filter(draft=_TARGET, draft__author=viewer.pk, draft__sent=True)
    failed = mine.filter(state=Media.State.FAILED)
    return _by_the_site(failed)


def _decisions(viewer: User) -> QuerySet[Any, Any]:
    decided = Decision.objects.filter(pk=_TARGET, person=viewer.pk)
    return _by_the_site(decided.exclude(verb=Verb.DISMISS))


def _albums(viewer: User) -> QuerySet[Any, Any]:
    """Return the invitation to an album that ``viewer`` has not answered."""
    waiting = AlbumMember.objects.filter(
        heard(viewer, "album__owner__"), album=_TARGET, user=viewer.pk, accepted=False
    )
    return _pairs(waiting.filter(album__bin_id=None), "album__owner_id")


def _pairs(rows: Any, actor: str) -> QuerySet[Any, Any]:
    pairs = rows.annotate(cause=F("id"), actor=F(actor)).values("cause", "actor")
    return cast("QuerySet[Any, Any]", pairs)


def _by_the_site(rows: Any) -> QuerySet[Any, Any]:
    nobody = Value(None, BigIntegerField())
    pairs = rows.annotate(cause=F("id"), actor=nobody).values("cause", "actor")
    return cast("QuerySet[Any, Any]", pairs)


class _AsPairs(Subquery):
    """A subquery of ``cause`` and ``actor`` as one JSON array of pairs; null without rows."""

    output_field = TextField()
    template = (
        "(SELECT CAST(json_agg(json_build_array(one.cause, one.actor)) AS text)"
        " FROM (%(subquery)s) one)"
    )

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Return the SQL with SQLite's names of the two functions."""
        template = (
            "(SELECT json_group_array(json_array(one.cause, one.actor)) FROM (%(subquery)s) one)"
        )
        return self.as_sql(compiler, connection, template=template, **context)


_CAUSES = {
    Kind.LIKE: _likes,
    Kind.COMMENT: _comments,
    Kind.REPLY: _replies,
    Kind.COMMENT_LIKE: _comment_likes,
    Kind.MENTION: _mentions,
    Kind.FOLLOW: _follows,
    Kind.REQUEST: _requests,
    Kind.ACCEPTED: _accepted,
    Kind.REPORT: _reports,
    Kind.FAILED: _failed,
    Kind.DECISION: _decisions,
    Kind.ALBUM: _albums,
}
