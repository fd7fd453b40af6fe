"""Inserting a row unless it is there: what counts as "there", and what is an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts import services
from accounts.models import User
from minigram_site.db import insert_or_ignore
from minigram_site.web import outages
from photos.models import Like
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
