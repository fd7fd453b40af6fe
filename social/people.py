"""Finding people: profiles and the lists that connect them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple, cast
from urllib.parse import quote

import orjson
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import Http404
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from accounts.models import User, UserQuerySet, UserStats, Viewer, counts_are_shared
from accounts.people import Person
from minigram_site.db import fetch_hot, read_alias
from minigram_site.web.languages.numbers import grouped
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, paginate
from minigram_site.web.templating.linked import linked
from minigram_site.web.templating.moulds import SHOWN, Decisive
from social import profile_cache
from social.search import parse, suggested_people

SUGGESTED = 6
_NAME = re.compile(r"[a-z0-9_.]{2,30}\Z")


class ProfileHead(NamedTuple):
    """What the head of a profile shows to one viewer; two that are equal look the same."""

    username: str
    name: str
    bio: str
    # What the bio names, as JSON.
    bio_entities: str
    website: str
    avatar: str | None
    is_private: bool
    photo_count: int
    followers_seen: int
    following_seen: int
    # Whether the viewer is this person.
    is_viewer: bool
    you_follow: bool
    you_asked: bool
    follows_you: bool
    you_block: bool
    you_mute: bool

    @property
    def path(self) -> str:
        """The path of the profile page."""
        return f"/@{self.username}/"

    @property
    def quoted_path(self) -> str:
        """The path as a parameter of an address holds it."""
        return quote(self.path)

    @property
    def initial(self) -> str:
        """The letter for who has no avatar."""
        return self.name[:1]

    @property
    def linked_bio(self) -> SafeString:
        """The bio as HTML, with links on what it names."""
        return linked(self.bio, self.bio_entities)

    @property
    def website_name(self) -> str:
        """The address of the website as people say it."""
        return self.website.replace("https://", "").replace("http://", "")

    @property
    def photos_counted(self) -> SafeString:
        """How many photos the viewer sees, as HTML."""
        number = self.photo_count
        said = ngettext(
            "<strong>%(number)s</strong> photo", "<strong>%(number)s</strong> photos", number
        )
        return SafeString(said % {"number": grouped(number)})

    @property
    def followers_counted(self) -> SafeString:
        """How many followers the viewer sees, as HTML."""
        number = self.followers_seen
        said = ngettext(
            "<strong>%(number)s</strong> follower", "<strong>%(number)s</strong> followers", number
        )
        return SafeString(said % {"number": grouped(number)})

    @property
    def following_counted(self) -> SafeString:
        """How many people the viewer sees that are followed, as HTML."""
        number = self.following_seen
        said = ngettext(
            "<strong>%(number)s</strong> following", "<strong>%(number)s</strong> following", number
        )
        return SafeString(said % {"number": grouped(number)})

    @property
    def decisive(self) -> Decisive:
        """By what templates decide how the head looks; all else they show as it is."""
        return {
            "is_private": self.is_private,
            "is_viewer": self.is_viewer,
            "you_follow": self.you_follow,
            "you_asked": self.you_asked,
            "follows_you": self.follows_you,
            "you_block": self.you_block,
            "you_mute": self.you_mute,
            "avatar": SHOWN if self.avatar else None,
            "initial": "" if self.avatar else self.initial,
            "bio": SHOWN if self.bio else "",
            "website": SHOWN if self.website else "",
        }


class PrivateAccount(PermissionError):
    """The account is private, and the viewer does not follow it."""


def profile(viewer: Viewer, username: str) -> User:
    """Return a person with counters and their relation to ``viewer``. One query, none if cached.

    Raises ``Http404`` if there is none, they are suspended, or they block the viewer. A person
    whom the viewer blocks is found, so that the block can be ended. Columns that a profile does
    not show (password, e-mail address, rights) are not read.
    """
    name = username.lower()
    row = profile_cache.profile_row(name, viewer.pk, lambda: read_row(viewer.pk, name))
    return profile_of(row, viewer.pk)


def profile_of(row: Sequence[Any] | None, viewer_id: int | None) -> User:
    """Return the person in a row of ``read_row``; raises ``Http404`` as ``profile`` does."""
    if row is None:
        raise Http404
    user = _user(row, viewer_id)
    if not (user.you_reach or user.you_block):
        raise Http404
    return cast(User, user)


_SHOWN = (
    *("id", "username", "display_name", "bio", "website", "avatar", "is_private", "is_active"),
    *("bio_entities", "noindex"),
)
_JSON = {"avatar", "bio_entities"}
# The numbers that a viewer without blocks sees; the last is part of their owner's followers.
_COUNTS = ("photo_count", "followers_seen", "following_seen", "suspended_follower_count")
_RELATION = ("you_follow", "you_asked", "follows_you", "you_block", "you_mute")
_ACCESS = ("you_reach", "you_view")


def read_row(viewer_id: int | None, username: str) -> Sequence[Any] | None:
    """Return what ``profile_of`` needs of an active person, from the database. One query."""
    if viewer_id is None:
        rows = fetch_hot(_asked_by_visitor, [username])
    else:
        rows = fetch_hot(_asked_by_user, [viewer_id, username])
    return rows[0] if rows else None


def _asked_by_visitor(username: str) -> QuerySet[User, Any]:
    return _asked(AnonymousUser(), username)


def _asked_by_user(viewer_id: int, username: str) -> QuerySet[User, Any]:
    return _asked(User(pk=viewer_id), username)


def _asked(viewer: Viewer, username: str) -> QuerySet[User, Any]:
    people = User.objects.named(username).filter(is_active=True)
    people = people.with_relation_to(viewer).with_access_of(viewer)
    people = people.with_visible_counts(viewer).annotate(shared=counts_are_shared(viewer))
    counts = ("stats__photo_count", *_COUNTS[1:3], "stats__suspended_follower_count")
    shown = [Cast(name, TextField()) if name in _JSON else name for name in _SHOWN]
    return people.values_list(*shown, *counts, *_RELATION, *_ACCESS, "shared")


def _user(row: Sequence[Any], viewer_id: int | None) -> Any:
    """Return the row as a person whose other columns are deferred."""
    values = dict(zip((*_SHOWN, *_COUNTS, *_RELATION, *_ACCESS, "shared"), row, strict=True))
    values |= {"avatar": orjson.loads(values["avatar"]), "is_active": True}
    values["is_private"] = bool(values["is_private"])
    user: Any = User.from_db(read_alias(), _SHOWN, [values[name] for name in _SHOWN])
    user.stats = UserStats(user_id=user.pk, photo_count=values["photo_count"])
    user.followers_seen, user.following_seen = values["followers_seen"], values["following_seen"]
    if user.pk == viewer_id:
        user.followers_seen += values["suspended_follower_count"]
    for name in (*_RELATION, *_ACCESS):
        setattr(user, name, bool(values[name]))
    return user


def profile_head(user: Any, viewer: Viewer) -> ProfileHead:
    """Return what the head of a ``profile`` shows to ``viewer``, who has asked for it. No query."""
    entities = user.bio_entities
    return ProfileHead(
        user.username,
        user.name,
        user.bio,
        entities if isinstance(entities, str) else orjson.dumps(entities).decode(),
        user.website,
        user.avatar_large,
        user.is_private,
        user.stats.photo_count,
        user.followers_seen,
        user.following_seen,
        user.pk == viewer.pk,
        user.you_follow,
        user.you_asked,
        user.follows_you,
        user.you_block,
        user.you_mute,
    )


def held(user: User, username: str) -> User:
    """Return a person whom ``user`` may block, unblock, or remove from their followers.

    These are the people whose ``profile`` they may see, and the suspended who follow them or whom
    they block. One query, two for these. Raises ``Http404`` for everybody else.
    """
    with suppress(Http404):
        return profile(user, username)
    follows, blocked = Q(follows__followee=user), Q(blocks_received__blocker=user)
    suspended = User.objects.named(username).filter(is_active=False).filter(follows | blocked)
    found = suspended.first()
    if found is None:
        raise Http404
    return found


def require_viewable(user: User) -> None:
    """Raise ``PrivateAccount`` unless the viewer of this ``profile`` may see photos and lists."""
    if not is_viewable(user):
        raise PrivateAccount(gettext("This account is private. Follow it to see more."))


def is_viewable(user: Any) -> bool:
    """Tell whether the viewer of this ``profile`` may see photos and lists. No query."""
    return bool(user.you_view)


def followers(
    viewer: Viewer, user: User, cursor: Cursor | None, size: int = PAGE_SIZE
) -> Page[User]:
    """Return a page of the followers of ``user`` whom ``viewer`` may know of, newest first.

    To ``user`` also suspended ones (``is_active``), who could come back otherwise.
    """
    people = User.objects.followers_of(user).listed_to(viewer, user)
    return _page(people, viewer, cursor, size)


def following(
    viewer: Viewer, user: User, cursor: Cursor | None, size: int = PAGE_SIZE
) -> Page[User]:
    """Return a page of those ``user`` follows and ``viewer`` may know of, newest first."""
    return _page(User.objects.followed_by(user).reachable_by(viewer), viewer, cursor, size)


def requests(user: User, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[User]:
    """Return a page of those whose requests wait for ``user``, newest first."""
    return _page(User.objects.asking(user).reachable_by(user), user, cursor, size)


def blocked(user: User, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[User]:
    """Return a page of those whom ``user`` blocks, newest first. One query."""
    return _page(User.objects.blocked_by(user), user, cursor, size)


def muted(user: User, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[User]:
    """Return a page of whom ``user`` mutes, with ``mute_ends_at``, newest first. One query."""
    return _page(User.objects.muted_by(user), user, cursor, size)


def named_like(viewer: User, beginning: str) -> list[Person]:
    """Return up to ``SUGGESTED`` people whom somebody may mean who types ``beginning`` after "@".

    Those whom ``social.search`` suggests. Nobody for fewer than two characters, and for what no
    name begins with. One query, or none.
    """
    name = beginning.lower()
    if len(name) < 2 or not _NAME.match(name):
        return []
    return suggested_people(parse(name), viewer, SUGGESTED)


def _page(people: UserQuerySet, viewer: Viewer, cursor: Cursor | None, size: int) -> Page[User]:
    shown = people.with_counts_for(viewer).with_relation_to(viewer)
    return paginate(shown, cursor, size, ("link_id",))
