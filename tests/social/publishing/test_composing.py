"""Drafts that are composed: kept, adjusted, taken up again, published or thrown away."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User
from photos.models import Draft, Media, Photo
from social import publishing
from social.notifications.models import Notification
from social.publishing import MediaUnusable, adjust, publish_media, save_draft, tasks
from social.publishing.composing import MAX_DRAFTS, UNSENT_LIFETIME
from tests.factories import picture, upload
from tests.social.publishing.test_tasks import files_in

pytestmark = pytest.mark.django_db(transaction=True)
HALF = [0, 0, 0.5, 1]


def sent(alice: User, number: int = 1) -> list[Media]:
    return [publishing.upload(owner=alice, image=upload()) for _ in range(number)]


def ids(media: list[Media]) -> list[int]:
    return [one.pk for one in media]


def test_a_crop_leaves_the_original_whole_and_no_file_of_what_was_cut_away(
    alice: User, own_media_folder: Path
) -> None:
    (media,) = sent(alice)
    before = set(media.file_names)
    adjust(media, turn=1, crop=HALF)
    media.refresh_from_db()
    assert (media.state, media.picture["width"], media.picture["height"]) == ("ready", 150, 400)
    photo = publish_media(author=alice, media_ids=[media.pk])
    assert isinstance(photo, Photo)
    assert (photo.turn, photo.crop) == (1, HALF)
    assert set(photo.file_names) & before == {photo.original}
    assert len(files_in(own_media_folder)) == len(photo.file_names)
    with default_storage.open(photo.original) as original:
        assert original.read() == picture()


def test_a_crop_is_undone(alice: User) -> None:
    (media,) = sent(alice)
    adjust(media, crop=HALF)
    adjust(media, crop=[])
    media.refresh_from_db()
    assert (media.picture["width"], media.crop) == (400, [])
    assert default_storage.exists(media.whole)
    publishing.discard(Media.objects.filter(pk=media.pk))
    assert not default_storage.exists(media.whole)


def test_a_crop_before_any_picture_is_made_keeps_one_of_all_of_it(
    alice: User, settings: Any
) -> None:
    settings.BACKGROUND_WORKER = True
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    (media,) = sent(alice)
    adjust(media, crop=HALF)
    tasks.process_media.call(media.pk)
    media.refresh_from_db()
    assert media.picture["width"] == 200
    assert default_storage.exists(media.whole)
    assert media.whole not in [name for _, _, name in media.preview_sizes]


@pytest.mark.parametrize("crop", [[0, 0, 1], [0, 0, 0, 1], [0, 0, 1, 2], [1, 0, 0.5, 1]])
def test_what_is_no_crop_is_refused(alice: User, crop: list[float]) -> None:
    (media,) = sent(alice)
    with pytest.raises(ValueError, match=r"crop .*\."):
        adjust(media, crop=crop)


def test_a_draft_keeps_words_and_order(alice: User) -> None:
    one, two = sent(alice, 2)
    draft = save_draft(author=alice, media_ids=[one.pk, two.pk], caption="Half")
    again = save_draft(
        author=alice,
        draft_id=draft.pk,
        media_ids=[two.pk],
        caption="Whole",
        alt_texts={two.pk: "Second"},
    )
    assert again.pk == draft.pk
    kept = list(draft.media.order_by("position"))
    assert [(media.pk, media.alt_text) for media in kept] == [(two.pk, "Second"), (one.pk, "")]
    assert Draft.objects.get().caption == "Whole"


def test_a_published_draft_is_gone_with_what_is_left_of_it(
    alice: User, own_media_folder: Path
) -> None:
    media = sent(alice, 2)
    draft = save_draft(author=alice, media_ids=ids(media), caption="Two")
    photo = publish_media(author=alice, media_ids=[media[1].pk], draft_id=draft.pk)
    assert photo.pk > draft.pk
    assert not Draft.objects.exists()
    assert not Media.objects.exists()
    assert len(files_in(own_media_folder)) == len(photo.file_names)  # type: ignore[union-attr]


def test_a_draft_is_its_authors_and_unsent_ones_publish_nothing(alice: User, bob: User) -> None:
    (media,) = sent(alice)
    draft = save_draft(author=alice, media_ids=[media.pk])
    assert save_draft(author=bob, draft_id=draft.pk, media_ids=[media.pk]).pk != draft.pk
    with pytest.raises(MediaUnusable):
        publish_media(author=bob, media_ids=[media.pk], draft_id=draft.pk)
    with pytest.raises(MediaUnusable):
        publish_media(author=alice, media_ids=[media.pk])
    tasks.sweep()
    assert not Photo.objects.exists()
    Media.objects.update(state="failed", reason="busy")
    tasks.sweep()
    assert not Notification.objects.exists()


def test_drafts_survive_a_night_and_not_a_month(alice: User) -> None:
    (media,) = sent(alice)
    draft = save_draft(author=alice, media_ids=[media.pk])
    tasks.delete_expired_uploads()
    assert draft.media.count() == 1
    Draft.objects.update(saved_at=timezone.now() - UNSENT_LIFETIME - timedelta(days=1))
    tasks.delete_expired_uploads()
    assert not Draft.objects.exists()
    assert not default_storage.exists(media.original)


def test_too_many_drafts_and_pictures_are_refused(alice: User) -> None:
    Draft.objects.bulk_create([Draft(author=alice, sent=False) for _ in range(MAX_DRAFTS)])
    with pytest.raises(MediaUnusable, match="drafts"):
        save_draft(author=alice, caption="One more")
    draft = Draft.objects.earliest("pk")
    some = [
        Media.objects.create(owner=alice, original=f"{number}", mime="image/jpeg")
        for number in range(11)
    ]
    with pytest.raises(MediaUnusable, match="up to 10"):
        save_draft(author=alice, draft_id=draft.pk, media_ids=ids(some))
