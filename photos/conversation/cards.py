"""Comments as one viewer sees them: read-only cards for pages and the API.

A top comment that the viewer may not read (deleted, by a suspended person, behind a block) is
shown without author and text while there are replies to it that they may read, else not at all: so
the numbers above the comments are those of what is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import orjson
from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)

from accounts.models import Mute, User, Viewer, reachable, visible_count
from accounts.people import Person, person
from minigram_site.db import IndexProbe, fetch_compiled
from minigram_site.fields.entities import Entity
from minigram_site.fields.snowflake import encode, moment_of
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, beyond, build_page
from photos.models import Comment, CommentLike

# How many replies a list of comments shows of each, the first ones.
PREVIEW = 3


class CommentCard(NamedTuple):
    """A comment as one viewer sees it; ``author`` is ``None`` if they may not read it."""

    id: int
    photo_id: int
    parent_id: int | None
    author: Person | None
    text: str
    entities_json: str
    edited: bool
    like_count: int
    reply_count: int
    liked: bool
    # Whether the viewer mutes its author: it is folded up until they ask for it.
    muted: bool = False
    # The first replies, of a top comment.
    replies: tuple[CommentCard, ...] = ()

    @property
    def code(self) -> str:
        """The short code of its addresses."""
        return encode(self.id)

    @property
    def alone(self) -> CommentCard:
        """The comment without its replies: what can be kept as it is rendered."""
        return self._replace(replies=(), reply_count=0)

    @property
    def path(self) -> str:
        """The path of its page, with which those of what is done with it begin."""
        return f"/p/{encode(self.photo_id)}/comments/{encode(self.id)}/"

    @property
    def created_at(self) -> datetime:
        """When it was written."""
        return moment_of(self.id)

    @property
    def entities(self) -> list[Entity]:
        """What the text names."""
        return [Entity(*one) for one in orjson.loads(self.entities_json)]

    @property
    def further(self) -> int:
        """How many replies there are beyond the first ones."""
        return max(self.reply_count - len(self.replies), 0)

    @property
    def after(self) -> Cursor | None:
        """The cursor of the replies beyond the first ones."""
        return Cursor((self.replies[-1].id,)) if self.replies else None


def comments_page(
    photo_id: int, viewer: Viewer, cursor: Cursor | None, size: int = PAGE_SIZE
) -> Page[CommentCard]:
    """Return a page of the top comments below a photo, newest first, with their first replies.

    That the viewer may see the photo is checked before. One query, and one for the replies.
    """
    rows = partial(_rows, "tops", _tops, viewer, [photo_id])
    page = build_page(rows, cursor, size, lambda row: (row[0],))
    return page.with_items(_with_replies(page.items, viewer))


def replies_page(
    photo_id: int, comment_id: int, viewer: Viewer, cursor: Cursor | None, size: int = PAGE_SIZE
) -> Page[CommentCard]:
    """Return a page of the replies to a top comment, oldest first. One query."""
    rows = partial(_rows, "replies", _replies, viewer, [photo_id, comment_id])
    page = build_page(rows, cursor, size, lambda row: (row[0],))
    return page.with_items([_card(row) for row in page.items])


def comment_card(photo_id: int, comment_id: int, viewer: Viewer) -> CommentCard | None:
    """Return one comment below a photo with its first replies; ``None`` if there is none to see.

    One query, and one for the replies.
    """
    rows = _rows("one", _one, viewer, [photo_id, comment_id], None, 1)
    cards = _with_replies(rows, viewer)
    return cards[0] if cards else None


def card_of_new(comment: Comment) -> CommentCard:
    """Return the card of a comment that its author has just written; it comes with the author."""
    author = person(comment.author) if comment.author else None
    if author:
        files = tuple((side, name) for side, name in author.avatar_files)
        author = author._replace(avatar_files=files)
    entities = orjson.dumps(comment.entities).decode()
    return CommentCard(
        comment.pk,
        comment.photo_id,
        comment.parent_id,
        author,
        comment.text,
        entities,
        edited=False,
        like_count=0,
        reply_count=0,
        liked=False,
    )


def _rows(
    name: str,
    build: Any,
    viewer: Viewer,
    values: Sequence[int],
    cursor: Cursor | None,
    limit: int,
) -> list[tuple[Any, ...]]:
    known = viewer.pk is not None
    backward = cursor is not None and cursor.backward

    def compiled(*numbers: int) -> QuerySet[Any, Any]:
        who: Viewer = User(pk=numbers[0]) if known else AnonymousUser()
        given = numbers[1:] if known else numbers
        place = given[len(values) :]
        at = Cursor(place, backward=backward) if cursor else None
        rows: QuerySet[Any, Any] = build(who, at, *given[: len(values)])[:limit]
        return rows

    numbers = [*values, *(cursor.position if cursor else ())]
    if viewer.pk is not None:
        numbers.insert(0, viewer.pk)
    key = ("comments", name, known, backward, cursor is None, limit, len(values))
    return fetch_compiled(key, compiled, numbers)


def _tops(viewer: Viewer, cursor: Cursor | None, photo_id: int) -> QuerySet[Any, Any]:
    tops = Comment.objects.filter(_shown(viewer), photo=photo_id, parent=None)
    return _columns(beyond(tops, cursor), viewer)


def _one(
    viewer: Viewer, _cursor: Cursor | None, photo_id: int, comment_id: int
) -> QuerySet[Any, Any]:
    return _columns(Comment.objects.filter(_shown(viewer), photo=photo_id, pk=comment_id), viewer)


def _replies(
    viewer: Viewer, cursor: Cursor | None, photo_id: int, comment_id: int
) -> QuerySet[Any, Any]:
    replies = Comment.objects.visible_to(viewer).filter(photo=photo_id, parent=comment_id)
    if cursor is None:
        return _columns(replies.order_by("id"), viewer)
    onward = Cursor(cursor.position, backward=not cursor.backward)
    return _columns(beyond(replies, onward), viewer)


def _some(viewer: Viewer, _cursor: Cursor | None, *comment_ids: int) -> QuerySet[Any, Any]:
    comments = Comment.objects.visible_to(viewer).filter(pk__in=comment_ids)
    return _columns(comments.order_by("id"), viewer)


def _shown(viewer: Viewer) -> Q:
    """Return the condition that a top comment, or a reply to it, is there for ``viewer`` to read.

    As probes, so that it is decided before people are joined: otherwise PostgreSQL reads all of
    them for a photo with thousands of comments.
    """
    authors = User.objects.reachable_by(viewer).filter(pk=OuterRef("author_id"))
    replies = Comment.objects.visible_to(viewer).filter(parent=OuterRef("pk"))
    return Q(IndexProbe(authors)) | Q(Q(reply_count__gt=0) & Q(IndexProbe(replies)))


def _columns(comments: QuerySet[Comment], viewer: Viewer) -> QuerySet[Any, Any]:
    boolean = BooleanField()
    liked: Any = Value(value=False, output_field=boolean)
    muted: Any = liked
    if viewer.pk is not None:
        liked = Exists(CommentLike.objects.filter(user=viewer.pk, comment=OuterRef("pk")))
        muted = Q(author__in=Mute.objects.active_ids(viewer.pk))
        muted = ExpressionWrapper(muted, boolean)
    likes = CommentLike.objects.filter(comment=OuterRef("pk"))
    replies = Comment.objects.filter(parent=OuterRef("pk"))
    first = Comment.objects.visible_to(viewer).order_by("id").values("pk")
    first = first.filter(parent=OuterRef("pk"))
    previews = {f"reply_{place}": Subquery(first[place : place + 1]) for place in range(PREVIEW)}
    return comments.annotate(
        seen=ExpressionWrapper(reachable(viewer, "author__"), boolean),
        edited=ExpressionWrapper(Q(edited_at__isnull=False), boolean),
        likes_seen=visible_count("like_count", likes, "user", viewer),
        replies_seen=visible_count("reply_count", replies, "author", viewer),
        liked=liked,
        muted=muted,
        **previews,
    ).values_list(
        *(
            "id",
            "photo_id",
            "parent_id",
            "seen",
            "author_id",
            "author__username",
            "author__display_name",
        ),
        *("author__avatar", "text", "entities", "edited", "likes_seen", "replies_seen", "liked"),
        "muted",
        *previews,
    )


def _with_replies(rows: Sequence[tuple[Any, ...]], viewer: Viewer) -> list[CommentCard]:
    wanted = [reply for row in rows for reply in row[-PREVIEW:] if reply is not None]
    found: dict[int, CommentCard] = {}
    if wanted:
        read = _rows("some", _some, viewer, wanted, None, len(wanted))
        found = {card.id: card for card in map(_card, read)}
    return [
        _card(row, tuple(found[reply] for reply in row[-PREVIEW:] if reply in found))
        for row in rows
    ]


def _card(row: tuple[Any, ...], replies: tuple[CommentCard, ...] = ()) -> CommentCard:
    """Return the card of a row; what the viewer may not read is not in it."""
    identifier, photo_id, parent_id, seen, author_id, username, name, avatar, *rest = row[:-PREVIEW]
    text, entities, edited, likes, reply_count, liked, muted = rest
    if not seen:
        return CommentCard(
            identifier,
            photo_id,
            parent_id,
            None,
            "",
            "[]",
            edited=False,
            like_count=0,
            reply_count=max(reply_count, 0),
            liked=False,
            replies=replies,
        )
    files = tuple(map(tuple, orjson.loads(avatar)))
    return CommentCard(
        identifier,
        photo_id,
        parent_id,
        Person(author_id, username, name, files),
        text,
        entities,
        edited=bool(edited),
        like_count=max(likes, 0),
        reply_count=max(reply_count, 0),
        liked=bool(liked),
        muted=bool(muted),
        replies=replies,
    )
