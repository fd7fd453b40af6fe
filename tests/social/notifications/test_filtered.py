"""Notifications whose texts hold a word that their recipient does not want to read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from photos.models import CommentLike
from social import filters
from social.notifications import inbox
from social.notifications.digest import service
from social.notifications.models import Digest
from social.notifications.telling import Notifier
from tests.factories import make_photo
from tests.social.notifications.scene import said, shown_to

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]
FOLDED = "Hidden by your filter: show"


@pytest.fixture
def reader(alice: User) -> User:
    """Return alice, who does not want to read of ice."""
    filters.set_words(user=alice, words=["ice"])
    return alice


def test_a_comment_with_a_filtered_word_is_folded_up_and_counted(
    browser_as: As, api_as: As, reader: User, bob: User
) -> None:
    said(bob, make_photo(reader), "Much ICE there")
    said(bob, make_photo(reader), "Juice")
    page = browser_as(reader).get("/activity/").content.decode()
    assert page.count(FOLDED) == 1
    folded = page.partition("<details")[2].partition("</details>")[0]
    assert "Much ICE there" in folded
    assert "/p/" in folded
    assert "Much ICE there" not in page.replace(folded, "")
    rows = api_as(reader).get("/api/v1/me/activity/").json()["results"]
    assert [row["filtered"] for row in rows] == [False, True]
    # Folded up and not gone: the badge agrees with the list.
    assert inbox.unread(reader.pk) == sum(row["unread"] for row in rows) == 2


def test_the_photo_of_somebody_else_counts_and_ones_own_words_do_not(
    reader: User, bob: User
) -> None:
    make_photo(bob, "Ice, @alice")
    make_photo(bob, "Snow, @alice", alt_text="Some ice")
    make_photo(bob, "Snow, @alice")
    own = make_photo(reader, "my ice")
    said(bob, own, "Nice")
    mine = said(reader, make_photo(bob), "my ice too")
    CommentLike.objects.create(comment=mine, user=bob)
    Notifier().comment_liked(bob.pk, mine.pk)
    filtered = [(one.code, one.filtered) for one in shown_to(reader)]
    assert filtered == [
        ("comment_like", False),
        ("comment", False),
        ("mention", False),
        ("mention", True),
        ("mention", True),
    ]


def test_the_daily_mail_leaves_the_words_out(reader: User, bob: User) -> None:
    said(bob, make_photo(reader), "Much ice")
    said(bob, make_photo(reader), "Much snow")
    service.turn_on(user=reader, hour=3, zone="UTC")
    Digest.objects.update(due_at=timezone.now())
    assert service.send_due() == 1
    body = mail.outbox[0].body
    assert body.count("commented on your photo") == 2
    assert "snow" in body
    assert "ice" not in body.replace("alice", "")


def test_a_filter_costs_no_query(api_as: As, reader: User, bob: User) -> None:
    said(bob, make_photo(reader), "Much ice")
    client = api_as(reader)
    client.get("/api/v1/me/activity/")
    numbers = []
    for words in (["ice"], []):
        filters.set_words(user=reader, words=words)
        with CaptureQueriesContext(connection) as queries:
            client.get("/api/v1/me/activity/")
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]
