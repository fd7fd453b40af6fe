"""The home feed: fan-out on write, with a pull for the famous and for what is not stored.

What is right is one sentence: *a feed holds the photos of its owner and of those its owner
follows, newest first*; what they have brought along from elsewhere is not new, and in no feed.
``pulled_ids`` reads exactly that, at a cost that grows with the number of people followed. To make
reading cheap, publishing also writes one ``FeedEntry`` per follower (``fan_out``), and following
back-fills; ``feed_page`` reads the entries where they are known to be complete and pulls where they
are not, so that a feed is never empty because rows are missing.
Photos of followed tags are merged into what is read (``social.feed.tagged``).

An entry only says where to look: every read asks again whether the follow still stands, so an
entry left over from a race shows nothing. A missing entry would be the fault that shows, hence
publishing, following and deleting take the author's counter row first and so happen one after
the other.

Compare Raffi Krikorian, "Timelines at Scale" (QCon 2012), on merging the famous at read time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import BigIntegerField, QuerySet, Value
from django.db.models.functions import Greatest

from accounts.models import Follow, User, UserStats
from minigram_site.cache import require_changes_of
from minigram_site.db import fetch_compiled, insert_missing, read_alias, run_prepared
from minigram_site.fields.snowflake import MAX_ID, is_imported
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, build_page
from photos import card_pages, photo_cache
from photos.cards import cards_of
from photos.models import Photo
from social.feed import cache, card_page, sql, tagged
from social.feed.page import FeedPage
from social.models import FamousAuthor, Feed, FeedEntry, FollowedTag

# A feed keeps this many entries; deeper pages are pulled.
KEPT_ENTRIES = 1000
# From this many followers on, photos are merged when feeds are read.
FAMOUS_FROM = 20_000


def feed_page(owner: User, cursor: Cursor | None, size: int = PAGE_SIZE) -> FeedPage:
    """Return a page of the home feed of ``owner``.

    Costs two queries (on PostgreSQL one), however many people are followed and
    however old their photos are; a page below the stored part costs one more, and every page one
    more for people who follow tags.
    """
    if card_pages.is_available():
        return card_page.read_page(owner, cursor, size)
    require_changes_of(cache.feed_dependencies(owner.pk))
    tags: dict[int, str] = {}
    page = ids_page(owner, cursor, size, [], tags)
    return FeedPage(cards_of(page.items, owner), page.next, page.previous, tags)


def news_of(owner: User, newest: int, most: int) -> list[int]:
    """Return the ids of what has come into the feed after the photo ``newest``, up to ``most``.

    The newest is the last. One query, two below the stored part, one more for people who follow
    tags: no photo is read.
    """
    require_changes_of(cache.feed_dependencies(owner.pk))
    return _ids(owner, Cursor((newest,), backward=True), most, {})


def ids_page(
    owner: User, cursor: Cursor | None, size: int, seen: list[int], tags: dict[int, str]
) -> Page[int]:
    """Return the ids of a page. One or two queries, and one for people who follow tags.

    ``seen`` gets all that decide what the page is, ``tags`` the keys of tags by what they bring.
    """

    def fetch(at: Cursor | None, limit: int) -> list[int]:
        found = _ids(owner, at, limit, tags)
        seen.extend(found)
        return found

    return build_page(fetch, cursor, size, lambda pk: (pk,))


def famous_of(owner: User) -> list[int]:
    """Return who of those that ``owner`` follows is merged when the feed is read. One query."""
    return [row[0] for row in _run(sql.famous(_vendor()), {"me": owner.pk})]


def pulled_ids(owner: User, cursor: Cursor | None, limit: int) -> list[int]:
    """Return the ids that belong into the feed past ``cursor``: the definition of the feed.

    One query; for each person followed it looks at ``limit`` rows of an index at the most.
    """
    statement = sql.pulled(_vendor(), backward=_backward(cursor))
    return [row[0] for row in _run(statement, _parameters(owner, cursor, limit))]


def fan_out(photo: Photo) -> None:
    """Write a new photo into the feeds of its author and of all followers: one ``INSERT``.

    Called in the transaction that publishes, as its last write: what shows the photo, and the
    feeds that changed, are invalidated here in one call. An author past ``FAMOUS_FROM`` followers
    is marked and merged at read time from then on.
    """
    photo_cache.invalidate_created(photo.pk, photo.author_id, put_in(photo))


def put_in(photo: Photo) -> Iterator[str]:
    """Write a photo into the feeds that it belongs in; return the names of the feeds that changed.

    One statement; those that have it stay as they are. They are read, by one query, only when they
    are asked for. A photo that was brought along from elsewhere belongs in none.
    """
    if is_imported(photo.pk):
        return iter(())
    followers = UserStats.objects.values_list("follower_count", flat=True).get(user=photo.author_id)
    if followers < FAMOUS_FROM:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(sql.FAN_OUT, {"photo": photo.pk, "author": photo.author_id})
        changed = True
    else:
        # Once famous, feeds depend on the list of this author's photos instead.
        _, changed = FamousAuthor.objects.get_or_create(user_id=photo.author_id)
    readers = _readers(photo.author_id) if changed else ()
    return map(cache.feed_dependency, readers)


def take_out(photo: Photo) -> None:
    """Take a photo out of all feeds, as it is in no list any more. One statement.

    Pages that show it depend on the photo, which the caller invalidates.
    """
    FeedEntry.objects.filter(photo=photo).delete()


def add_author(owner: User, author: User) -> None:
    """Put the newest photos of ``author`` into the feed of ``owner``, who follows from now on.

    Called in the transaction that follows, after the follow was written; the caller invalidates
    the feed. Two statements where there is something to put in, on SQLite two more to cut the feed.
    """
    if _change(sql.ADD_AUTHOR, {"me": owner.pk, "author": author.pk, "limit": KEPT_ENTRIES + 1}):
        trim(owner)
    elif not Feed.objects.filter(owner=owner).exists():
        _rebuild(owner)


def remove_author(owner: User, author: User) -> None:
    """Take the photos of ``author`` out of the feed of ``owner``; the caller invalidates it."""
    FeedEntry.objects.filter(owner=owner, author=author).delete()


@transaction.atomic
def rebuild(owner: User) -> None:
    """Rebuild the stored feed of ``owner`` from the definition."""
    _rebuild(owner)
    cache.invalidate_feed(owner.pk)


def trim(owner: User) -> None:
    """Keep the newest ``KEPT_ENTRIES`` of a stored feed, and note where it now ends.

    One statement; on SQLite a query, and two statements where the feed is longer. In a transaction.
    """
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        _change(sql.TRIM, {"me": owner.pk, "kept": KEPT_ENTRIES})
        return
    edge = fetch_compiled(("edge of feed", KEPT_ENTRIES), _edge, [owner.pk])
    if len(edge) > 1:
        _raise_floor(owner, edge[0][0])


def _edge(owner_id: int) -> QuerySet[FeedEntry, Any]:
    """Return the query for the oldest entry that is kept and the one below it."""
    entries = FeedEntry.objects.filter(owner=owner_id).order_by("-photo_id")
    return entries.values_list("photo_id")[KEPT_ENTRIES - 1 : KEPT_ENTRIES + 1]


def _rebuild(owner: User) -> None:
    follows_tags = FollowedTag.objects.filter(user=owner).exists()
    values = {"complete_from": 0, "follows_tags": follows_tags}
    Feed.objects.update_or_create(owner=owner, defaults=values)
    FeedEntry.objects.filter(owner=owner).delete()
    identifiers = pulled_ids(owner, None, KEPT_ENTRIES + 1)
    _store(owner, list(Photo.objects.filter(pk__in=identifiers).values_list("id", "author_id")))


def _store(owner: User, rows: Sequence[tuple[int, int]]) -> None:
    """Insert entries for (photo, author) pairs, one more of them than are kept at the most."""
    rows = sorted(rows, reverse=True)
    entries = [(owner.pk, photo, author) for photo, author in rows]
    insert_missing(FeedEntry, ("owner_id", "photo_id", "author_id"), entries)
    if len(rows) > KEPT_ENTRIES:
        # There may be older photos that were not read: below this one nothing is promised.
        _raise_floor(owner, rows[KEPT_ENTRIES - 1][0])
    trim(owner)


def _raise_floor(owner: User, floor: int) -> None:
    raised = Greatest("complete_from", Value(floor, output_field=BigIntegerField()))
    Feed.objects.filter(owner=owner).update(complete_from=raised)
    FeedEntry.objects.filter(owner=owner, photo_id__lt=floor).delete()


def _ids(owner: User, cursor: Cursor | None, limit: int, tags: dict[int, str]) -> list[int]:
    """Return ids past ``cursor`` from the stored feed, or pulled where it does not reach.

    With those that followed tags bring, whose keys are put into ``tags``.
    """
    backward, parameters = _backward(cursor), _parameters(owner, cursor, limit)
    rows = _run(sql.stored(_vendor(), backward=backward), parameters)
    floor, follows_tags, _ = rows[0]
    identifiers = [row[2] for row in rows if row[2] is not None]
    if floor is None or not sql.covers(floor, identifiers, cursor, limit):
        identifiers = pulled_ids(owner, cursor, limit)
    if not follows_tags:
        return identifiers
    brought = _run(tagged.statement(_vendor(), backward=backward), parameters)
    tags.update((photo, key) for key, photo in brought)
    people = [(photo,) for photo in identifiers]
    both = tagged.merge(people, [(photo,) for _, photo in brought], limit, backward=backward)
    return [photo for (photo,) in both]


def _readers(author_id: int) -> Iterator[int]:
    """Yield the owners of the feeds that hold what ``author`` publishes. One query."""
    yield author_id
    followers = Follow.objects.filter(followee=author_id).values_list("follower_id", flat=True)
    yield from followers.iterator(chunk_size=2000)


def _vendor() -> str:
    return connections[read_alias()].vendor


def _backward(cursor: Cursor | None) -> bool:
    return cursor is not None and cursor.backward


def _parameters(owner: User, cursor: Cursor | None, limit: int) -> dict[str, Any]:
    return {"me": owner.pk, "at": cursor.position[0] if cursor else MAX_ID, "limit": limit}


def _run(statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connections[read_alias()].cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def _change(statement: str, numbers: dict[str, int]) -> int:
    """Send a statement of ``social.feed.sql`` that writes; return how many rows it has changed."""
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        text = _numbered(statement, tuple(numbers))
        return run_prepared(DEFAULT_DB_ALIAS, text, tuple(numbers.values()))
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(statement, numbers)
        return int(cursor.rowcount)


@lru_cache(maxsize=16)
def _numbered(statement: str, names: tuple[str, ...]) -> str:
    """Return a statement with its parameters by number, in the order of ``names``."""
    return statement % {name: f"${place}::bigint" for place, name in enumerate(names, start=1)}
