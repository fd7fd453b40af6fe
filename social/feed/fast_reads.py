"""Reads of the fast path: a page of the home feed or one photo, as JSON bytes.

On PostgreSQL either is one prepared statement, composed of the SQL that the ordinary path uses: the
account behind the token (``accounts.api.tokens``), the ids of the page (``social.feed.sql``), and
for each of them the visibility rule, the counts and "liked by me" (``photos.cards``). No rule is
written here a second time; one statement saves round trips. SQLite runs in the same process and
has none to save: it is asked the ordinary queries one after the other.
"""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import Any, NamedTuple

import orjson
from django.db import DEFAULT_DB_ALIAS, connections

from accounts.account_cache import (
    account_of_session,
    auth_version_of_session,
    shown_dependency,
)
from accounts.api import tokens
from accounts.models import Mute, User
from minigram_site.cache import current_lease, is_configured, require_changes_of
from minigram_site.db import compiled_sql, fetch_compiled, fetch_prepared, on_primary, read_alias
from minigram_site.fields.snowflake import MAX_ID
from minigram_site.web.pagination import Cursor, build_page
from photos import photo_cache
from photos.api import json_fragments
from photos.api.json_fragments import Fragment
from photos.cards import card_of, read_rows
from social import feed
from social.feed import sql, tagged
from social.feed.cache import feed_dependencies

# At least one row, which says whether the account confirms the token, and what only a cache needs
# to know: whether photos of famous authors are merged into the page, and when a mute ends.
_STATEMENT = """
SELECT account.auth_version, {merged}, {unmuted_in},
    page.complete_from, page.follows_tags, page.id, shown.*
FROM (SELECT 1) one
LEFT JOIN ({account}) account ON TRUE
LEFT JOIN ({page}) page(complete_from, follows_tags, id) ON TRUE
LEFT JOIN LATERAL ({shown}) shown ON TRUE
ORDER BY page.id {direction}
"""
# The viewer, the edge of the page (or the photo) and how many, as parameters of the statement; the
# fourth is the session.
_PARAMETERS = {"me": "$1::bigint", "at": "$2::bigint", "limit": "$3::bigint"}
_STORED, _PULLED, _TAGGED, _PHOTO = "stored", "pulled", "tagged", "photo"
# Places in a row without the account: the key of the tag, the id.
_KEY, _ID = 2, 4

Row = tuple[Any, ...]


class NotOnFastPath(Exception):
    """The fast path cannot answer this request; Django does."""


class FeedPage(NamedTuple):
    """A page of a home feed: what is shown of its photos, with everybody's counts.

    ``authors`` are those of all photos that decide what the page is: also of the first photo of the
    next page. ``is_whole``: all of these may be seen; of others no dependency tells when they may.
    ``merged``: photos of famous authors are merged when the feed is read, which is asked only
    where there is a cache; ``follows_tags``: those of tags are; ``seconds_left``: after so many a
    mute of the owner ends by itself, asked only where there is a cache too.
    """

    shown: list[Fragment]
    next: Cursor | None
    previous: Cursor | None
    authors: set[int]
    is_whole: bool
    merged: bool
    follows_tags: bool
    seconds_left: float | None


class Caller(NamedTuple):
    """The account and session that a token names, and the ``auth_version`` it was issued for."""

    id: int
    version: int
    session: int


def current_page(
    caller: Caller, cursor: Cursor | None, size: int, base: str, *, is_authenticated: bool = False
) -> FeedPage:
    """Return a page of the caller's home feed, with all that was acknowledged at this machine.

    ``base`` is the scheme and host that addresses begin with. Raises ``NotOnFastPath`` if the
    account does not confirm the token, which is not asked if it ``is_authenticated``. One query,
    two below the stored part of the feed; the page is read again where a photo on it has changed
    since.
    """
    require_changes_of(feed_dependencies(caller.id))
    found = page(caller, cursor, size, base, is_authenticated=is_authenticated)
    counts = (photo_cache.counts_leaf(fragment.id) for fragment in found.shown)
    if not require_changes_of(chain(counts, map(shown_dependency, found.authors))):
        return found
    return page(caller, cursor, size, base, is_authenticated=is_authenticated)


def page(
    caller: Caller, cursor: Cursor | None, size: int, base: str, *, is_authenticated: bool = False
) -> FeedPage:
    """Return a page of the caller's home feed. One query, two below the stored part of the feed.

    One more for people who follow tags, and where this process has not rendered one of its photos.
    Raises ``NotOnFastPath`` if the account does not confirm the token, which is not asked if it
    ``is_authenticated``.
    """
    if not is_postgresql():
        if not is_authenticated:
            require_account(caller)
        return _page_by_orm(User(pk=caller.id), cursor, size, base)
    merged = follows_tags = False
    seconds_left: float | None = None
    seen: list[Row] = []
    tags: dict[int, str] = {}

    def fetch(at: Cursor | None, limit: int) -> list[Row]:
        nonlocal merged, follows_tags, seconds_left

        def ask(source: str) -> list[Row]:
            edge, backward = (at.position[0], at.backward) if at else (MAX_ID, False)
            return _query(
                caller, source, edge, limit, backward=backward, is_authenticated=is_authenticated
            )

        rows = ask(_STORED)
        merged, seconds_left, floor, follows_tags, *_ = rows[0]
        found = _found(rows)
        if floor is None or not feed.covers(floor, [row[0] for row in found], at, limit):
            found = _found(ask(_PULLED))
        if follows_tags:
            brought = [row for row in ask(_TAGGED) if row[_ID] is not None]
            tags.update((row[_ID], row[_KEY]) for row in brought)
            backward = at is not None and at.backward
            found = tagged.merge(found, _found(brought), limit, backward=backward)
        seen.extend(found)
        return seen

    rows = build_page(fetch, cursor, size, lambda row: row[:1])
    visible = [json_fragments.visible_photo(row[1:]) for row in rows.items if row[1] is not None]
    shown = _marked(json_fragments.fragments_of(visible, caller.id, base), tags)
    is_whole = len(shown) == len(rows.items) and all(row[1] is not None for row in seen)
    authors = {row[2] for row in seen if row[1] is not None}
    follows_tags = bool(follows_tags)
    return FeedPage(
        shown, rows.next, rows.previous, authors, is_whole, merged, follows_tags, seconds_left
    )


def _page_by_orm(owner: User, cursor: Cursor | None, size: int, base: str) -> FeedPage:
    """Return a page by the ordinary queries, for SQLite."""
    seen: list[int] = []
    tags: dict[int, str] = {}
    page = feed.ids_page(owner, cursor, size, seen, tags)
    rows = {row[0]: row for row in read_rows(seen, owner.pk)}
    shown = [
        json_fragments.fragment_of_card(card_of(rows[photo]), base)
        for photo in page.items
        if photo in rows
    ]
    authors, is_whole = photo_cache.authors_in(rows.values()), len(rows) == len(seen)
    shown = _marked(shown, tags)
    is_kept = is_configured()
    merged = is_kept and bool(feed.famous_of(owner))
    seconds_left = Mute.objects.seconds_to_end(owner.pk) if is_kept else None
    # Who follows no tag has one dependency too many there.
    return FeedPage(
        shown, page.next, page.previous, authors, is_whole, merged, is_kept, seconds_left
    )


def _marked(photos: list[Fragment], tags: dict[int, str]) -> list[Fragment]:
    """Return these photos, those that a followed tag has brought with the tag."""
    return [_with_tag(photo, tags[photo.id]) if photo.id in tags else photo for photo in photos]


def _with_tag(photo: Fragment, key: str) -> Fragment:
    return photo._replace(lasting=photo.lasting + b',"followed_tag":' + orjson.dumps(key))


def current_photo(caller: Caller, photo_id: int, base: str) -> Fragment | None:
    """Return what is shown of a photo, for readers without a cache; as ``photo`` does."""
    require_changes_of(photo_cache.names_of([photo_id], caller.id))
    return photo(caller, photo_id, base)


def photo(
    caller: Caller,
    photo_id: int,
    base: str,
    *,
    is_authenticated: bool = False,
    lasting: bytes = b"",
) -> Fragment | None:
    """Return what is shown of a photo, ``None`` if the caller may not see it. One query.

    ``lasting`` is its JSON without the closing brace, if that is known; where it is not, and this
    process has not rendered the photo, it costs one query more. Raises ``NotOnFastPath`` if the
    account does not confirm the token, which is not asked if it ``is_authenticated``.
    """
    if is_postgresql():
        rows = _found(_query(caller, _PHOTO, photo_id, 1, is_authenticated=is_authenticated))
        visible = [json_fragments.visible_photo(row[1:]) for row in rows if row[1] is not None]
        if lasting:
            return Fragment(photo_id, lasting, *visible[0][3:]) if visible else None
        shown = json_fragments.fragments_of(visible, caller.id, base)
    else:
        if not is_authenticated:
            require_account(caller)
        cards = map(card_of, read_rows([photo_id], caller.id))
        shown = [json_fragments.fragment_of_card(card, base) for card in cards]
    return shown[0] if shown else None


def authenticated_user(caller: Caller) -> User:
    """Return the caller's account. No query where it is cached, one otherwise.

    Raises ``NotOnFastPath`` if it does not confirm the token.
    """
    user = account_of_session(caller.id, caller.session)
    if user is None or user.auth_version != caller.version:
        raise NotOnFastPath
    return user


def _found(rows: list[Row]) -> list[Row]:
    """Return the photos among the rows of ``_query``: the id, and what is shown of each."""
    return [row[_ID:] for row in rows if row[_ID] is not None]


def _query(
    caller: Caller,
    source: str,
    at: int,
    limit: int,
    *,
    backward: bool = False,
    is_authenticated: bool = False,
) -> list[Row]:
    """Return the rows of the statement without the account, which is compared; at least one.

    Each is whether the famous are merged and in how many seconds a mute ends, both asked where
    there is a cache, from where the stored feed is complete (of ``_TAGGED`` the key of the tag),
    whether its owner follows tags, the id, ``None`` where there is none, and what is shown of the
    photo.
    """
    alias = read_alias()
    if alias != DEFAULT_DB_ALIAS and not is_authenticated:
        # A replica may lag behind a suspension or a new password.
        require_account(caller)
        is_authenticated = True
    parameters = (caller.id, at, limit, caller.session)
    is_kept = source == _STORED and is_configured()
    statement = _statement(source, backward=backward, is_kept=is_kept)
    rows = fetch_prepared(alias, statement, parameters)
    if rows[0][0] != caller.version and not is_authenticated:
        raise NotOnFastPath
    return [row[1:] for row in rows]


def require_account(caller: Caller) -> None:
    """Raise ``NotOnFastPath`` unless the account confirms the caller's token.

    One query, none if it is cached.
    """
    version: int | None
    if current_lease() is not None:
        version = auth_version_of_session(caller.id, caller.session)
    else:
        with on_primary():
            named = [caller.id, caller.session]
            rows = fetch_compiled(("auth version",), tokens.auth_version_of, named)
        version = rows[0][0] if rows else None
    if version != caller.version:
        raise NotOnFastPath


@cache
def _statement(source: str, *, backward: bool, is_kept: bool = False) -> str:
    return _STATEMENT.strip().format(
        merged=f"EXISTS({sql.famous('postgresql') % _PARAMETERS})" if is_kept else "FALSE",
        unmuted_in=f"({(sql.SECONDS_TO_UNMUTED % _PARAMETERS).strip()})" if is_kept else "NULL",
        account=compiled_sql(tokens.auth_version_of, [_PARAMETERS["me"], "$4::bigint"]),
        page=_page(source, backward=backward) % _PARAMETERS,
        shown=json_fragments.visible_photo_sql(_PARAMETERS["me"], "page.id"),
        direction="ASC" if backward else "DESC",
    )


def _page(source: str, *, backward: bool) -> str:
    """Return the query for what ``_query`` says of a source, and the ids of the page."""
    if source == _STORED:
        return sql.stored("postgresql", backward=backward)
    if source == _PULLED:
        pulled = sql.pulled("postgresql", backward=backward)
        return f"SELECT NULL, NULL, pulled.id FROM ({pulled}) pulled"  # noqa: S608 - our own text
    if source == _TAGGED:
        brought = tagged.statement("postgresql", backward=backward)
        return f"SELECT brought.key, NULL, brought.id FROM ({brought}) brought"  # noqa: S608
    return "SELECT NULL, NULL, %(at)s WHERE %(limit)s = 1"


def is_postgresql() -> bool:
    """Tell whether the primary is a PostgreSQL: only there one statement can do it all."""
    return connections[DEFAULT_DB_ALIAS].vendor == "postgresql"
