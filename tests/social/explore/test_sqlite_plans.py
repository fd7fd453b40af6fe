"""On SQLite explore, followed tags and suggestions search by index, too."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from photos.services import comment, like
from social import explore, feed, tags
from social.explore import snapshots
from social.notifications import inbox
from social.notifications.activity import activity_page
from social.suggestions import suggested
from tests.factories import make_follow, make_photo

pytestmark = [
    pytest.mark.skipif(connection.vendor != "sqlite", reason="explains SQLite's plans"),
    pytest.mark.django_db,
]
# Read newest first by the primary key, until there is enough; the famous are few.
IN_ORDER = {"photos_photo", "social_exploresnapshot", "accounts_user", "social_famousauthor"}


def scanned(act: Callable[[], Any]) -> set[str]:
    """Return the tables that an act reads without looking for something in them."""
    sent: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        act()
    found: set[str] = set()
    for sql, params in sent:
        tables = set(re.findall(r'(?:FROM|JOIN)\s+"?(\w+_\w+)"?\s+"?(\w+)"?', sql))
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            names = [re.match(r"SCAN (\w+)\b(?! USING)", row[3]) for row in cursor.fetchall()]
        found |= {called(tables, name[1]) for name in names if name}
    return found & set(connection.introspection.table_names())


def called(tables: set[tuple[str, str]], alias: str) -> str:
    """Return the table that a statement calls ``alias``; one in order, where several are."""
    found = sorted(table for table, name in tables if name == alias)
    return next((table for table in found if table in IN_ORDER), (found or [alias])[0])


@pytest.fixture
def scene(alice: User, bob: User) -> User:
    """Return somebody who follows a person and a tag."""
    make_follow(alice, bob)
    make_photo(bob, "#sea")
    tags.follow_tag(user=alice, key="sea")
    # Something of each kind that she is told of.
    photo = make_photo(alice)
    like(user=bob, photo_id=photo.pk)
    comment(author=bob, photo_id=photo.pk, text="Hello @alice")
    make_follow(bob, alice)
    explore.popular_page(alice, None)
    return alice


READS: list[Callable[[User], Any]] = [
    lambda user: feed.feed_page(user, None),
    lambda user: explore.popular_page(user, None),
    lambda user: explore.trending_tags(),
    lambda user: tags.followed_tags(user, None),
    suggested,
    lambda user: activity_page(user, None),
    lambda user: inbox.unread(user.pk),
]


@pytest.mark.parametrize("read", READS)
def test_nothing_but_the_newest_rows_is_scanned(
    scene: User, read: Callable[[User], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots._Process, "newest", None)
    assert scanned(lambda: read(scene)) <= IN_ORDER


def test_a_scan_is_noticed(scene: User) -> None:
    assert scanned(lambda: list(User.objects.filter(bio="x"))) == {"accounts_user"}
    assert scanned(lambda: list(scene.likes.model.objects.filter(photo__caption="x"))) != set()
