"""Rows that go while a request uses them: 404, with a line in the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.departures import leaving
from accounts.models import Departure, User
from minigram_site.db.deleted_rows import names_one
from photos.models import Comment, Media
from social import profiles
from social.views import settings
from tests.factories import make_photo, make_user, upload

pytestmark = pytest.mark.django_db(transaction=True)
As = Callable[[User], APIClient]


def reference_nobody(user: User) -> None:
    Comment.objects.create(author_id=5, photo=make_photo(user), text="x")


def read_nobody(user: User) -> None:
    User.objects.get(pk=5)


def change_nobody(user: User) -> None:
    User.objects.filter(pk=user.pk).delete()
    user.save(update_fields=["bio"])


@pytest.mark.parametrize("use", [reference_nobody, read_nobody, change_nobody])
def test_a_row_that_is_gone_is_recognised(use: Callable[[User], None]) -> None:
    with pytest.raises((DatabaseError, User.DoesNotExist)) as caught:
        use(make_user())
    assert names_one(caught.value)


def test_a_name_that_is_taken_is_something_else(alice: User) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        User.objects.create_user("alice", "other@example.org")
    assert not names_one(caught.value)


def test_an_upload_while_the_account_goes_is_no_error_of_ours(
    api_as: As, alice: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    create = Media.objects.create

    def gone(**values: Any) -> Media:
        profiles.delete_account(user=User.objects.get(pk=alice.pk))
        return create(**values)

    client = api_as(alice)
    monkeypatch.setattr(Media.objects, "create", gone)
    answer = client.post("/api/v1/media/", {"image": upload()}, "multipart")
    assert answer.status_code == 404
    assert "A row was gone when it was needed" in caplog.text


def test_who_leaves_while_the_account_goes_is_no_error_of_ours(
    browser_as: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = make_user("alice", password="correct-horse-7")
    depart = leaving.depart

    def gone(*, user: User) -> Departure:
        profiles.delete_account(user=User.objects.get(pk=user.pk))
        return depart(user=user)

    browser = browser_as(alice)
    monkeypatch.setattr(settings, "depart", gone)
    answer = browser.post("/settings/delete/", {"password": "correct-horse-7"})
    assert answer.status_code == 404


def test_an_account_whose_days_are_over_is_deleted_once(alice: User) -> None:
    Departure.objects.create(user=alice, leaves_at=timezone.now())
    assert profiles.delete_departed(user=alice)
    assert not profiles.delete_departed(user=alice)
    assert not User.objects.filter(pk=alice.pk).exists()
