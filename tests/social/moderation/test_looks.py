"""Looks of the staff at photos in the admin's lists: logged where not everybody may see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User
from minigram_site.fields.snowflake import id_at
from photos import hiding
from photos.models import Photo
from social.moderation import log
from social.moderation.models import ModerationLogEntry
from tests.factories import make_photo
from tests.social.moderation.scene import make_moderator, reported
from tests.social.moderation.test_desk import address, desk_of

pytestmark = pytest.mark.django_db


def stored(author: User) -> Photo:
    """Publish a photo whose thumbnail exists."""
    photo = make_photo(author)
    default_storage.save(photo.renditions[0][2], ContentFile(b"bytes"))
    return photo


def look(client: Any, photo: Photo) -> None:
    """Have the admin send a thumbnail."""
    answer = client.get(f"/admin/photos/photo/{photo.pk}/thumbnail/")
    assert b"".join(answer.streaming_content) == b"bytes"


@pytest.fixture
def mona(db: None) -> User:
    return make_moderator("mona", "view_photo", "view_moderationcase")


def test_a_look_at_a_private_photo_is_logged_once_in_ten_minutes(
    mona: User, carol: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, photo = desk_of(mona), stored(carol)
    for _ in range(3):
        look(desk, photo)
    (entry,) = ModerationLogEntry.objects.all()
    assert (entry.act, entry.moderator_id, entry.case_id) == ("looked", mona.pk, log.NO_CASE)
    assert (entry.target_id, entry.person_name) == (photo.pk, "carol")
    monkeypatch.setattr(log, "ONE_LOOK", timedelta(0))
    look(desk, photo)
    assert ModerationLogEntry.objects.count() == 2


def test_each_of_the_staff_and_each_photo_is_logged(mona: User, carol: User) -> None:
    photos = [stored(carol), stored(carol)]
    for name in (mona, make_moderator("otto", "view_photo")):
        for photo in photos:
            look(desk_of(name), photo)
    pairs = ModerationLogEntry.objects.values_list("moderator_name", "target_id")
    assert set(pairs) == {(name, one.pk) for name in ("mona", "otto") for one in photos}


@pytest.mark.parametrize("purge", [None, timedelta(days=30)])
def test_a_look_at_a_hidden_or_deleted_photo_of_a_public_account_is_logged(
    mona: User, alice: User, purge: timedelta | None
) -> None:
    photo = stored(alice)
    hiding.hide_photo(photo=photo, purge_at=timezone.now() + purge if purge else None)
    look(desk_of(mona), photo)
    assert ModerationLogEntry.objects.get().target_id == photo.pk


def test_what_everybody_may_see_and_one_s_own_is_not_logged(mona: User, alice: User) -> None:
    desk = desk_of(mona)
    look(desk, stored(alice))
    own = stored(mona)
    hiding.hide_photo(photo=own, purge_at=None)
    look(desk, own)
    assert not ModerationLogEntry.objects.exists()


def test_a_look_at_its_case_is_one_at_the_photo(mona: User, carol: User) -> None:
    desk, photo = desk_of(mona), stored(carol)
    case = reported(photo)
    desk.get(address(case))
    look(desk, photo)
    entry = ModerationLogEntry.objects.get()
    assert entry.case_id == case.pk
    assert entry.pk > id_at(timezone.now() - log.ONE_LOOK)
