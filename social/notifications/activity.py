"""The list of somebody's notifications: groups with the newest people, a photo, a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any, NamedTuple

import orjson
from django.db import connections
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from accounts.models import User, visible_count
from accounts.people import Person, person
from minigram_site.db import compiled_sql, fetch_compiled, fetch_prepared, read_alias
from minigram_site.fields.snowflake import encode, moment_of
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, beyond, build_page
from photos.cards import PhotoCard, cards_of
from photos.models import Comment, CommentLike
from social import filters
from social.notifications.causes import NEWEST, newest_causes
from social.notifications.kinds import GROUPED, WITH_PHOTO, Kind
from social.notifications.models import Inbox, Notification

# Of those who did it so many are named; the rest are counted.
NAMED = 2


class Remark(NamedTuple):
    """A comment beside a notification: the one that was written, or liked, or that mentions."""

    id: int
    text: str
    like_count: int
    liked: bool


class Activity(NamedTuple):
    """A notification as its recipient sees it: equal ones look the same."""

    kind: Kind
    target_id: int
    # Its place in the list, and its time: an id.
    latest: int
    unread: bool
    # The newest who did it, as many as are named; nobody where it was the site.
    people: tuple[Person, ...]
    # How many others did it; ``more`` tells that there are more than that.
    others: int
    more: bool
    photo: PhotoCard | None
    remark: Remark | None
    # Whether remark or photo, unless they are the viewer's own, hold a word of the viewer's filter.
    filtered: bool
    # The path of what it leads to; empty where it leads nowhere.
    url: str

    @property
    def code(self) -> str:
        """The name of the kind."""
        return self.kind.code

    @property
    def key(self) -> str:
        """What names it among those of one person."""
        return f"{self.code}-{encode(self.target_id)}"

    @property
    def at(self) -> datetime:
        """When it was last moved."""
        return moment_of(self.latest)


class _Row(NamedTuple):
    """A notification as it is read: the newest causes and who did them, and the mark."""

    kind: Kind
    target_id: int
    photo_id: int | None
    latest: int
    causes: tuple[tuple[int, int | None], ...]
    read_up_to: int

    @property
    def remark_id(self) -> int | None:
        """The id of the comment that is shown beside it."""
        if self.kind in {Kind.COMMENT, Kind.REPLY}:
            return self.causes[0][0]
        liked = self.kind == Kind.COMMENT_LIKE
        mentioned = self.kind == Kind.MENTION and self.target_id != self.photo_id
        return self.target_id if liked or mentioned else None

    @property
    def actors(self) -> list[int]:
        """Who did it, the newest first, each of them once."""
        return list(dict.fromkeys(actor for _, actor in self.causes if actor is not None))

    @property
    def unread(self) -> bool:
        """Whether it moved after the mark, by something that is left."""
        newest = min(self.latest, self.causes[0][0]) if self.kind in GROUPED else self.latest
        return newest > self.read_up_to


def activity_page(viewer: User, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[Activity]:
    """Return a page of the notifications of ``viewer``, the last moved first.

    Four queries at most, whatever the number of notifications, and of likes behind them: one for
    the rows with the newest causes, one each for people, photos and comments (and one more for
    the counts of photos where blocks hide somebody from the viewer).
    """
    page = build_page(partial(_rows, viewer.pk), cursor, size, lambda row: (row.latest,))
    return page.with_items(_described(page.items, viewer))


def _rows(viewer_id: int, cursor: Cursor | None, limit: int) -> list[_Row]:
    backward = cursor is not None and cursor.backward
    values = [viewer_id, *(cursor.position if cursor else ())]
    alias = read_alias()
    if connections[alias].vendor == "postgresql":
        rows = fetch_prepared(alias, _sql(len(values), limit, backward=backward), values)
    else:
        build = partial(_asked, limit=limit, backward=backward)
        rows = fetch_compiled(("activity", limit, backward, len(values)), build, values)
    return [_row(row) for row in rows]


def _asked(
    viewer_id: int, *position: int, limit: int, backward: bool
) -> QuerySet[Notification, Any]:
    viewer = User(pk=viewer_id)
    cursor = Cursor(position, backward=backward) if position else None
    listed = beyond(Notification.objects.listed_to(viewer), cursor, ("latest",))
    listed = listed.annotate(causes=newest_causes(viewer), mark=Inbox.mark_of(viewer))
    return listed.values_list("kind", "target_id", "photo_id", "latest", "causes", "mark")[:limit]


@cache
def _sql(values: int, limit: int, *, backward: bool) -> str:
    build = partial(_asked, limit=limit, backward=backward)
    return compiled_sql(build, [f"${number + 1}::bigint" for number in range(values)])


def _row(row: Sequence[Any]) -> _Row:
    kind, target_id, photo_id, latest, causes, mark = row
    # A cause that went between the parts of the statement on SQLite leaves nothing.
    pairs = tuple(sorted(map(tuple, orjson.loads(causes or "[]")), reverse=True))
    return _Row(Kind(kind), target_id, photo_id, latest, pairs or ((0, None),), mark)


def _described(rows: Sequence[_Row], viewer: User) -> list[Activity]:
    """Return what these rows show; what has gone since they were read is left out."""
    people = _people(actor for row in rows for actor in row.actors[:NAMED])
    photos = {card.id: card for card in cards_of(_photo_ids(rows), viewer)}
    remarks = _remarks([row.remark_id for row in rows if row.remark_id is not None], viewer)
    described = []
    for row in rows:
        named = tuple(people[one] for one in row.actors[:NAMED] if one in people)
        photo = photos.get(row.photo_id or 0)
        remark = remarks.get(row.remark_id or 0)
        lost = (
            (row.kind in WITH_PHOTO and photo is None)
            or (row.remark_id is not None and remark is None)
            or (bool(row.actors) and not named)
        )
        if not lost:
            described.append(_activity(row, viewer, named, photo, remark))
    return described


def _activity(
    row: _Row,
    viewer: User,
    named: tuple[Person, ...],
    photo: PhotoCard | None,
    remark: Remark | None,
) -> Activity:
    everybody, more = len(row.actors), len(row.causes) == NEWEST
    counted = {Kind.LIKE: photo, Kind.COMMENT_LIKE: remark}.get(row.kind)
    if counted is not None:
        # The exact number, without the viewer's own like.
        everybody = max(counted.like_count - bool(counted.liked), everybody)
        more = False
    if everybody > NAMED:
        named = named[:1]
    return Activity(
        kind=row.kind,
        target_id=row.target_id,
        latest=row.latest,
        unread=row.unread,
        people=named,
        others=max(everybody - len(named), 0),
        more=more and everybody > 1,
        photo=photo,
        remark=remark,
        filtered=_filtered(row.kind, viewer, photo, remark),
        url=_url(row, viewer, named, photo),
    )


def _filtered(kind: Kind, viewer: User, photo: PhotoCard | None, remark: Remark | None) -> bool:
    matcher = filters.matcher(viewer)
    if not matcher:
        return False
    texts: list[str] = []
    if photo is not None and photo.author.id != viewer.pk:
        texts += photo.words
    if remark is not None and kind != Kind.COMMENT_LIKE:
        texts.append(remark.text)
    return matcher.matches(*texts)


def _url(row: _Row, viewer: User, named: Sequence[Person], photo: PhotoCard | None) -> str:
    if photo is not None:
        comment_id = row.remark_id
        return f"{photo.url}comments/{encode(comment_id)}/" if comment_id else photo.url
    if row.kind == Kind.FOLLOW and len(row.actors) > 1:
        return reverse("social:followers", args=[viewer.username])
    if row.kind == Kind.FAILED:
        return reverse("social:drafts")
    if row.kind == Kind.DECISION:
        return reverse("social:decisions")
    if row.kind == Kind.ALBUM:
        return reverse("social:albums")
    return named[0].url if named else ""


def _people(ids: Iterable[int]) -> dict[int, Person]:
    wanted = set(ids)
    found = User.objects.filter(pk__in=wanted) if wanted else ()
    return {user.pk: person(user) for user in found}


def _photo_ids(rows: Iterable[_Row]) -> list[int]:
    return list(dict.fromkeys(row.photo_id for row in rows if row.photo_id is not None))


def _remarks(ids: Sequence[int], viewer: User) -> dict[int, Remark]:
    if not ids:
        return {}
    likes = CommentLike.objects.filter(comment=OuterRef("pk"))
    comments = Comment.objects.visible_to(viewer).filter(pk__in=ids)
    rows = comments.values_list(
        "pk",
        "text",
        visible_count("like_count", likes, "user", viewer),
        Exists(likes.filter(user=viewer.pk)),
    )
    return {row[0]: Remark(*row) for row in rows}
