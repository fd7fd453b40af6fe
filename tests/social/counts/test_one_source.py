"""Each number has one source: it is the same wherever it is shown, and never below nought."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction
from django.db.models import F

from accounts.models import User, UserStats
from photos.bin import deleted_photo, move_to_bin, restore
from photos.models import Comment, PhotoStats
from photos.services import comment, like
from tests.factories import make_follow, make_photo, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]


def counters() -> list[tuple[type[models.Model], str]]:
    """Return all columns that count something."""
    tables: list[type[models.Model]] = [UserStats, PhotoStats, Comment]
    return [
        (table, field.name)
        for table in tables
        for field in table._meta.concrete_fields
        if field.name.endswith("_count")
    ]


@pytest.mark.parametrize(("table", "column"), counters())
def test_the_database_refuses_a_count_below_nought(
    alice: User, table: type[models.Model], column: str
) -> None:
    """Pitfall C3."""
    comment(author=alice, photo_id=make_photo(alice).pk, text="Hi")
    rows = table._default_manager.filter(**{column: 0})[:1].values("pk")
    one = table._default_manager.filter(pk__in=list(rows.values_list("pk", flat=True)))
    if not one.exists():
        table._default_manager.update(**{column: 0})
        one = table._default_manager.all()
    with pytest.raises(IntegrityError), transaction.atomic():
        one.update(**{column: F(column) - 1})


def test_a_number_is_the_same_on_every_surface(
    api_as: As, browser_as: As, alice: User, bob: User
) -> None:
    make_follow(bob, alice)
    photo = make_photo(alice, "At the #sea")
    for _ in range(3):
        like(user=make_user(), photo_id=photo.pk)
    for number in range(2):
        comment(author=bob, photo_id=photo.pk, text=f"Words {number}")
    for _ in range(2):
        assert_numbers(api_as(bob), browser_as(bob), photo)
        move_to_bin(photo=photo)
        restore(removal=deleted_photo(alice, photo.pk))


def assert_numbers(api: Any, pages: Any, photo: Any) -> None:
    """Fail unless all surfaces show three likes and two comments."""
    lists = ("feed/", "explore/", "explore/?sort=popular", "users/alice/photos/")
    rows = [api.get(f"/api/v1/photos/{photo.pk}/").json()]
    for path in (*lists, "tags/sea/photos/"):
        rows += api.get(f"/api/v1/{path}").json()["results"]
    assert len(rows) == 6
    assert {(row["like_count"], row["comment_count"]) for row in rows} == {(3, 2)}
    likes = api.get(f"/api/v1/photos/{photo.pk}/likes/").json()["results"]
    comments = api.get(f"/api/v1/photos/{photo.pk}/comments/").json()["results"]
    assert (len(likes), len(comments)) == (3, 2)
    for path in (f"/p/{photo.code}/", "/feed/"):
        assert f'data-live="likes-{photo.code}">3<' in pages.get(path).text
