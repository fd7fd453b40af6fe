"""Inserting a row unless it is there: what counts as "there", and what is an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import services
from accounts.models import User
from minigram_site.db import insert_missing, insert_or_ignore
from minigram_site.web import outages
from photos.models import Like
from social.models import FeedEntry
from tests.factories import PASSWORD, make_photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def clash(alice: User, monkeypatch: pytest.MonkeyPatch) -> Like:
    """Return a like whose id every further like is given, as by a second machine."""
    held = Like.objects.create(user=alice, photo=make_photo(alice))
    monkeypatch.setattr(Like._meta.get_field("id"), "_get_default", lambda: held.pk)
    return held


def test_a_row_that_is_there_is_not_inserted_again(alice: User) -> None:
    photo = make_photo(alice)
    given = {"user_id": alice.pk, "photo_id": photo.pk}
    assert insert_or_ignore(Like, **given)
    assert not insert_or_ignore(Like, **given)


def test_an_id_that_another_row_has_is_not_taken_for_the_row(clash: Like, bob: User) -> None:
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        insert_or_ignore(Like, user_id=bob.pk, photo_id=clash.photo_id)
    assert outages.is_outage(raised.value)


def test_a_like_that_was_not_kept_is_not_answered_as_liked(
    clash: Like, bob: User, api_as: Callable[[User | None], Any]
) -> None:
    answer = api_as(bob).put(f"/api/v1/photos/{clash.photo_id}/like/")
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert Like.objects.get() == clash


def test_a_name_that_is_taken_is_no_outage(alice: User) -> None:
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        User.objects.create(username="alice", email="other@example.org")
    assert not outages.is_outage(raised.value)


def test_an_account_whose_id_is_taken_is_not_said_to_lack_a_field(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(User._meta.get_field("id"), "_get_default", lambda: alice.pk)
    with pytest.raises(IntegrityError):
        services.register(username="dora", email="dora@example.org", password=PASSWORD)


def test_rows_that_are_not_there_are_inserted(alice: User, bob: User) -> None:
    names = ("owner_id", "photo_id", "author_id")
    insert_missing(FeedEntry, names, [(alice.pk, 1, bob.pk), (alice.pk, 2, bob.pk)])
    insert_missing(FeedEntry, names, [(alice.pk, 3, bob.pk), (alice.pk, 2, bob.pk)])
    insert_missing(FeedEntry, names, [])
    assert [*FeedEntry.objects.values_list("photo_id", flat=True).order_by("photo_id")] == [1, 2, 3]


def test_any_number_of_rows_is_inserted_by_one_statement_of_one_text(alice: User) -> None:
    texts = []

    def keep(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        texts.append(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(keep):
        for number in (2, 3, 400, 1001):
            rows = [(alice.pk, photo, alice.pk) for photo in range(number)]
            insert_missing(FeedEntry, ("owner_id", "photo_id", "author_id"), rows)
    assert FeedEntry.objects.count() == 1001
    assert (len(texts), len({*texts})) == (4, 1)
