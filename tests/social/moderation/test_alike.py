"""Photos that look like a banned picture: published, and shown to the moderators."""

from __future__ import annotations

import random
from collections.abc import Callable
from io import BytesIO
from time import process_time
from typing import Any

import pytest
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import User
from photos.models import Photo
from photos.pictures import Picture
from photos.services import create_photo
from social.models import BannedPicture, ModerationCase, ModerationLogEntry, Report
from social.moderation import bans, deciding
from social.moderation.models import Verb
from social.publishing import publish
from tests.factories import make_photo, picture, published
from tests.social.lean import sent
from tests.social.moderation.scene import decided, make_moderator

pytestmark = pytest.mark.django_db


@pytest.fixture
def mona() -> User:
    return make_moderator()


def busy(seed: int = 1) -> Image.Image:
    """Return a picture with much in it, another one for each seed."""
    rng = random.Random(seed)
    cells = Image.frombytes("L", (12, 9), rng.randbytes(108))
    return cells.resize((480, 360), Image.Resampling.BICUBIC).convert("RGB")


def file_of(image: Image.Image, quality: int = 90) -> BytesIO:
    content = BytesIO()
    image.save(content, "JPEG", quality=quality)
    content.seek(0)
    return content


def test_a_smaller_copy_is_published_and_a_case_opened_about_it(
    mona: User, alice: User, bob: User
) -> None:
    ban = decided(published(author=alice, image=file_of(busy())), Verb.BAN_PICTURE, mona)
    copy = published(author=bob, image=file_of(busy().resize((300, 225)), 60))
    assert Photo.objects.visible_to(alice).filter(pk=copy.pk).exists()
    case = ModerationCase.objects.get(state="open")
    assert (case.kind, case.target_id, case.person) == ("photo", copy.pk, bob)
    report = case.reports.get()
    assert report.reporter is None
    assert str(report) == "Looks like a banned picture"
    assert f"banned in case {ban.case_id}" in report.words
    entry = ModerationLogEntry.objects.get(case_id=case.pk)
    assert (entry.act, entry.moderator_id) == ("alike", None)


def test_another_picture_of_a_carousel_is_compared_too(mona: User, alice: User, bob: User) -> None:
    images = [file_of(busy(2)), file_of(busy())]
    decided(published(author=alice, image=images), Verb.BAN_PICTURE, mona)
    assert BannedPicture.objects.exclude(look="").count() == 2
    published(author=bob, image=[file_of(busy(3)), file_of(busy(), 50)])
    assert ModerationCase.objects.filter(state="open").count() == 1


def test_a_different_picture_opens_no_case(mona: User, alice: User, bob: User) -> None:
    decided(published(author=alice, image=file_of(busy())), Verb.BAN_PICTURE, mona)
    published(author=bob, image=file_of(busy(2)))
    assert not ModerationCase.objects.filter(state="open").exists()


def test_plain_pictures_look_like_none_however_much_alike(
    mona: User, alice: User, bob: User
) -> None:
    decided(published(author=alice, image=BytesIO(picture())), Verb.BAN_PICTURE, mona)
    published(author=bob, image=BytesIO(picture((401, 300))))
    assert not ModerationCase.objects.filter(state="open").exists()


def test_a_ban_that_is_taken_back_reports_nothing_more(mona: User, alice: User, bob: User) -> None:
    ban = decided(published(author=alice, image=file_of(busy())), Verb.BAN_PICTURE, mona)
    deciding.undo(decision=ban, moderator=mona)
    published(author=bob, image=file_of(busy(), 60))
    assert not ModerationCase.objects.filter(state="open").exists()


def test_the_desk_says_that_the_site_has_found_it(
    mona: User, alice: User, bob: User, client: Any
) -> None:
    decided(published(author=alice, image=file_of(busy())), Verb.BAN_PICTURE, mona)
    published(author=bob, image=file_of(busy(), 60))
    case = ModerationCase.objects.get(state="open")
    client.force_login(mona)
    page = client.get(f"/admin/social/moderationcase/{case.pk}/change/").content.decode()
    assert "Looks like a banned picture" in page
    assert "the site" in page
    assert "whose account is gone" not in page


def test_nobody_can_give_that_reason(api_as: Callable[[User], APIClient], alice: User) -> None:
    photo = make_photo(alice)
    client = api_as(make_moderator("rita"))
    answer = client.put(f"/api/v1/photos/{photo.pk}/report/", {"reason": "alike"}, format="json")
    assert answer.status_code == 400
    assert not Report.objects.exists()


def test_each_photo_that_looks_alike_has_a_case_of_its_own(
    mona: User, alice: User, bob: User
) -> None:
    decided(published(author=alice, image=file_of(busy())), Verb.BAN_PICTURE, mona)
    for quality in (60, 70):
        publish(author=bob, image=file_of(busy(), quality))
    assert ModerationCase.objects.filter(state="open").count() == 2


def test_a_photo_is_compared_with_ten_thousand_bans_in_one_query(alice: User) -> None:
    rng = random.Random(1)
    BannedPicture.objects.bulk_create(
        BannedPicture(sha256=f"{number:064x}", look=f"{rng.getrandbits(128):032x}")
        for number in range(10_000)
    )
    wanted = BannedPicture.objects.order_by("pk")[7_000].look
    near = f"{int(wanted, 16) ^ 0b1011:032x}"
    photo = create_photo(author=alice, pictures=[Picture(4, 3, "", look=near)])
    with sent() as statements:
        before = process_time()
        assert bans.closest([near]) == bans.Match(0, 3)
        spent = process_time() - before
    assert len(statements) == 1
    # 30 ms on the machine that it was written on, where an upload costs 300.
    assert spent < 0.25
    bans.report_alike(photo)
    assert Report.objects.get().words == "Of 128 bits 3 differ from a banned picture."
