"""Staff open a case about what they see in the admin, without a report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from photos import hiding
from photos.services import comment
from social.models import ModerationCase, ModerationLogEntry
from social.moderation import reports
from tests.factories import make_photo
from tests.social.moderation.scene import make_moderator, reported

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]
VIEWS = ("view_photo", "view_comment", "view_user", "view_moderationcase")


@pytest.fixture
def mona(db: None) -> User:
    return make_moderator("mona", *VIEWS, "change_moderationcase")


def address(kind: str, identifier: int) -> str:
    return f"/admin/social/moderationcase/open/{kind}/{identifier}/"


def test_a_case_is_opened_from_the_pages_of_the_admin(
    browser_as: As, mona: User, alice: User, carol: User
) -> None:
    photo = make_photo(carol, "Private words")
    written = comment(author=alice, photo_id=make_photo(alice).pk, text="Rude")
    hiding.hide_photo(photo=photo)
    pages = {
        ("photo", photo.pk): "photos/photo",
        ("comment", written.pk): "photos/comment",
        ("person", alice.pk): "accounts/user",
    }
    client = browser_as(mona)
    for (kind, identifier), page in pages.items():
        path = address(kind, identifier)
        assert path in client.get(f"/admin/{page}/{identifier}/change/").text
        answer = client.post(path, follow=True)
        case = ModerationCase.objects.get(kind=kind)
        assert answer.redirect_chain[-1][0].endswith(f"/{case.pk}/change/")
    case = ModerationCase.objects.get(kind="photo")
    assert (case.target_id, case.person, case.state) == (photo.pk, carol, "open")
    assert case.snapshot["text"] == "Private words"
    assert not case.reports.exists()
    opened = ModerationLogEntry.objects.filter(act="opened")
    assert [entry.moderator_name for entry in opened] == ["mona"] * 3


def test_an_open_case_is_the_one_that_is_found(mona: User, alice: User) -> None:
    photo = make_photo(alice)
    case = reported(photo)
    assert reports.open_by(mona, reports.any_thing("photo", photo.pk)).pk == case.pk


def test_only_who_decides_opens_cases_and_looking_opens_none(
    browser_as: As, mona: User, alice: User
) -> None:
    photo = make_photo(alice)
    looker = make_moderator("lena", *VIEWS)
    page = browser_as(looker).get(f"/admin/photos/photo/{photo.pk}/change/").text
    assert address("photo", photo.pk) not in page
    assert browser_as(looker).post(address("photo", photo.pk)).status_code == 403
    assert browser_as(alice).post(address("photo", photo.pk)).status_code == 302
    assert browser_as(mona).get(address("photo", photo.pk)).status_code == 405
    assert not ModerationCase.objects.exists()


@pytest.mark.parametrize(
    ("kind", "identifier"), [("photo", 1), ("thing", 1), ("person", 2**62), ("person", 10**30)]
)
def test_what_is_not_there_is_not_found(
    browser_as: As, mona: User, kind: str, identifier: int
) -> None:
    assert browser_as(mona).post(address(kind, identifier)).status_code == 404
