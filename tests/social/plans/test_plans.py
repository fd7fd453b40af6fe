"""With a hundred thousand rows nothing that people ask often reads a whole table.

Each request is made for real; every statement that it sends is explained twice: as planned for
its values, and as planned once for all values, which PostgreSQL may do with prepared statements.
Nothing is forbidden to the planner for that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import orjson
import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, resolve
from psycopg import RawCursor
from rest_framework.test import APIClient

from accounts.models import User
from minigram_site.api.views import PageView
from minigram_site.db.statements import fetch_prepared
from minigram_site.fields.snowflake import MAX_ID, encode, moment_of
from photos.card_pages import by_author
from photos.pins import wall
from social.explore import ranking, snapshots, sql, trending
from social.lists.by_author import _statement as of_person
from social.lists.explore import _statement as of_explore
from social.notifications.activity import _rows as activity_rows
from tests.social.lean import Site, bearer
from tests.social.plans.data import photo_id
from tests.social.plans.explained import assert_reads_by_index, client_of, statements_of

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="explains PostgreSQL's plans"),
    pytest.mark.django_db,
    # One process inserts the rows once.
    pytest.mark.xdist_group("plans"),
]


def read_with_next(client: APIClient, path: str) -> None:
    """Read a page, the one after it and the one before that."""
    for _ in range(2):
        page = client.get(path).json()
        if "next" not in page or page["next"] is None:
            return
        path = page["next"]
    assert client.get(path).status_code == 200


READ = [
    "feed/",
    "explore/",
    "explore/?sort=popular",
    f"photos/{photo_id(1)}/",
    f"photos/{photo_id(1)}/likes/",
    f"photos/{photo_id(1)}/comments/",
    f"photos/{photo_id(1)}/comments/2/",
    f"photos/{photo_id(1)}/comments/2/replies/",
    "tags/sea/photos/",
    "search/people/?q=user77",
    "search/people/?q=zebra",
    "search/tags/?q=tag19",
    "search/photos/?q=caption",
    "search/photos/?q=zebra",
    "search/suggestions/?q=us",
    "search/suggestions/?q=ser77",
    "users/user1/",
    "users/user1/photos/",
    "users/user1/followers/",
    "users/user1/following/",
    "me/",
    "me/blocks/",
    "me/mutes/",
    "me/archive/",
    "users/user1/pins/",
    "me/requests/",
    "me/drafts/",
    "me/tags/",
    "me/suggestions/",
    "explore/tags/",
    "media/1/",
    "me/activity/",
    "me/activity/unread/",
    "me/saved/",
    f"me/saved/states/?ids={photo_id(1)},{photo_id(2)}",
    "me/albums/",
    "me/album-invitations/",
    "me/links/",
    "users/user1/albums/",
    "albums/1/",
    "albums/1/photos/",
    "albums/1/members/",
    "shared/plans/photos/",
    "me/deleted/",
    "me/deleted/albums/",
    "me/deleted/comments/",
    "me/decisions/",
    "me/import/refused/",
    "me/invitations/",
    "me/sessions/",
    "me/log-ins/",
]


def test_every_list_of_the_api_is_read_below() -> None:
    read = {resolve(f"/api/v1/{path.partition('?')[0]}").func for path in READ}
    lists = dict(lists_in(get_resolver().url_patterns))
    assert len(lists) > 30
    assert {path for path, view in lists.items() if view not in read} == set()


def lists_in(patterns: list[Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the address of each list of the API, and its view."""
    for one in patterns:
        address = f"{before}{one.pattern}"
        if isinstance(one, URLResolver):
            yield from lists_in(one.url_patterns, address)
        elif issubclass(getattr(one.callback, "cls", object), PageView):
            yield address, one.callback


@pytest.mark.parametrize("path", READ)
@pytest.mark.parametrize("viewer", [1, 5, 700])
def test_reading_the_api(path: str, viewer: int) -> None:
    client = client_of(viewer)
    if "explore" in path:
        # What a new ranking reads has a test of its own; the old ones are all deleted with it.
        assert snapshots.renew()
    assert_reads_by_index(lambda: read_with_next(client, f"/api/v1/{path}"))


def test_ranking_explore_anew() -> None:
    assert_reads_by_index(ranking.ranked)
    long_ago = moment_of(photo_id(1)) + timedelta(days=1)
    assert_reads_by_index(lambda: trending.compute(long_ago))
    assert trending.compute(long_ago)[0].key == "sea"


def test_a_feed_that_is_pulled_from_everybody_followed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM social_feed WHERE owner_id IN (1, 19999)")
    for viewer in (1, 2, 19_999):  # who follow 500, few and one
        assert_reads_by_index(partial(read_with_next, client_of(viewer), "/api/v1/feed/"))


class Lean:
    """Somebody whom the lean path answers."""

    def __init__(self, viewer: int) -> None:
        """Let it learn from Django what an answer's head is."""
        self._site, self._header = Site(), bearer(User.objects.get(pk=viewer))
        for path in ("feed/", f"photos/{photo_id(1)}/"):
            self._site.ask(f"/api/v1/{path}", HTTP_AUTHORIZATION=self._header)

    def get(self, address: str) -> Any:
        """Return what the lean path answers; Django is not asked."""
        path = address.removeprefix("http://testserver")
        body = self._site.ask(path, HTTP_AUTHORIZATION=self._header).body
        assert self._site.asked == 0
        return orjson.loads(body)

    def feed(self) -> None:
        """Read a large page, and a small one, the one after it and back again."""
        self.get("/api/v1/feed/?limit=50")
        second = self.get(self.get("/api/v1/feed/?limit=3")["next"])
        assert len(self.get(second["previous"])["results"]) == 3


@pytest.mark.parametrize("viewer", [1, 700, 19_999])  # who follow 500, few and one
def test_the_lean_path_reading_a_stored_feed(viewer: int) -> None:
    lean = Lean(viewer)
    assert_reads_by_index(lean.feed)
    # Somebody with a block is told other counts, by one more statement for each page.
    page = [True, False] if viewer == 700 else [True]
    assert [sent.is_raw for sent in statements_of(lean.feed)] == page * 4


def test_the_lean_path_reading_a_feed_with_tags() -> None:
    lean = Lean(5)
    assert_reads_by_index(lean.feed)
    assert [sent.is_raw for sent in statements_of(lean.feed)] == [True, True] * 4


@pytest.mark.parametrize("viewer", [1, 2, 19_999])
def test_the_lean_path_pulling_a_feed_from_everybody_followed(viewer: int) -> None:
    lean = Lean(viewer)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM social_feed WHERE owner_id = %s", [viewer])
    assert_reads_by_index(lean.feed)
    # Where the feed is not stored, that is said first.
    assert [sent.is_raw for sent in statements_of(lean.feed)] == [True] * 8


@pytest.mark.parametrize("viewer", [1, 700, 19_999])
def test_the_lean_path_reading_a_photo(viewer: int) -> None:
    lean = Lean(viewer)
    assert_reads_by_index(lambda: lean.get(f"/api/v1/photos/{photo_id(1)}/"))


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/feed/",
            "/explore/",
            "/@user1/",
            "/@user1/followers/",
            "/activity/",
            f"/p/{encode(photo_id(1))}/",
        ),
        *(f"/settings/deleted/{kind}" for kind in ("", "albums/", "comments/")),
    ],
)
def test_reading_pages_with_a_session(path: str) -> None:
    browser = Client()
    browser.force_login(User.objects.get(pk=700))
    assert_reads_by_index(lambda: browser.get(path))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("put", f"photos/{photo_id(77)}/like/", {}),
        ("delete", f"photos/{photo_id(77)}/like/", {}),
        ("post", f"photos/{photo_id(77)}/comments/", {"text": "fine"}),
        ("delete", f"photos/{photo_id(701)}/comments/701/", {}),
        ("put", "users/user9001/follow/", {}),
        ("delete", "users/user9001/follow/", {}),
        ("put", "users/user9001/block/", {}),
        ("put", "users/user9002/mute/", {}),
        ("put", "users/user9002/hide-suggestion/", {}),
        ("put", f"photos/{photo_id(699)}/archive/", {}),
        ("put", f"photos/{photo_id(20699)}/pin/", {}),
        ("patch", "me/", {"bio": "new"}),
        ("put", f"photos/{photo_id(77)}/saved/", {}),
        ("delete", f"photos/{photo_id(77)}/saved/", {}),
        ("delete", f"albums/1/photos/{photo_id(699)}/", {}),
    ],
)
def test_writing(method: str, path: str, body: dict[str, str]) -> None:
    client = client_of(700)
    assert_reads_by_index(lambda: getattr(client, method)(f"/api/v1/{path}", body))


@pytest.mark.parametrize("name", ["user700", "user700@example.org"])
def test_logging_in_and_refreshing(name: str) -> None:
    user = User.objects.get(pk=700)
    user.set_password("quite-a-long-password-7")
    user.save()
    client = APIClient()

    def log_in() -> None:
        person = {"username": name, "password": "quite-a-long-password-7"}
        tokens = client.post("/api/v1/auth/token/", person).json()
        assert client.post("/api/v1/auth/token/refresh/", {"refresh": tokens["refresh"]})

    assert_reads_by_index(log_in)


@pytest.mark.parametrize(
    "act",
    [
        lambda: list(User.objects.filter(bio="x")),
        lambda: fetch_prepared(
            "default", "SELECT id FROM accounts_user WHERE bio = $1::text", ["x"]
        ),
    ],
)
def test_a_plan_that_reads_a_whole_table_is_noticed(act: Callable[[], Any]) -> None:
    with pytest.raises(AssertionError, match="accounts_user where"):
        assert_reads_by_index(act)


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (lambda: sql.recent("$3::bigint", backward=False), [21, MAX_ID, 700]),
        (lambda: sql.recent("", backward=False), [25, MAX_ID]),
        (lambda: sql.popular("$4::bigint", backward=False), [21, MAX_ID, MAX_ID, 700]),
        (lambda: sql.popular("$4::bigint", backward=True), [21, 39, 100, 700]),
        (lambda: by_author.statement("$4::bigint", backward=False), [MAX_ID, 21, 1, 700]),
        (lambda: by_author.statement("", backward=False, whole=True), [MAX_ID, 21, 1]),
        (lambda: wall._statement("$4::bigint", whole=False), [MAX_ID, 25, 1, 700]),
        (lambda: wall._statement("", whole=True), [MAX_ID, 25, 1]),
        (lambda: of_person(backward=False, whole=False), [MAX_ID, 21, 700, 0, "user1"]),
        (lambda: of_person(backward=True, whole=True), [0, 21, 700, 0, "user1"]),
        (lambda: of_explore(is_popular=False, backward=False), [21, MAX_ID, 700, 0]),
    ],
)
def test_pages_of_cards_are_not_planned_each_time(
    statement: Callable[[], str], values: list[Any]
) -> None:
    text = statement()
    for _ in range(8):
        assert fetch_prepared("default", text, values)
    assert_reads_by_index(lambda: fetch_prepared("default", text, values))
    for _ in range(8):
        fetch_prepared("default", text, values)
    plans = fetch_prepared(
        "default",
        "SELECT generic_plans FROM pg_prepared_statements WHERE statement = $1::text",
        [text],
    )
    assert plans[0][0] > 0


def test_a_notification_of_thousands_of_likes_reads_ten_of_them() -> None:
    """Photo 1 has 5,000 likes and comments; person 1 has 2,000 photos more, with one of each."""
    (statement,) = statements_of(lambda: activity_rows(1, None, 2))
    newest = (
        "UPDATE social_notification SET latest = 9e15 WHERE recipient_id = 1 AND target_id = %s"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(newest, [photo_id(1)])
        raw: Any = RawCursor(connection.connection)
        raw.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.sql}", statement.params)
        plan = raw.fetchone()[0][0]["Plan"]
        transaction.set_rollback(True)
    likes = [rows for table, rows in _read_rows(plan) if table == "photos_like"]
    assert 10 <= max(likes) <= 20


def _read_rows(plan: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield each table of a plan and how many of its rows were read, rounded for each time."""
    yield plan.get("Relation Name", ""), plan["Actual Rows"] * plan["Actual Loops"]
    for part in plan.get("Plans", []):
        yield from _read_rows(part)
