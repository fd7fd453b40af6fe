"""The admin's first page: how many cases wait."""

from __future__ import annotations

from accounts.models import User
from social.moderation import appeals
from social.moderation.models import Verb
from tests.factories import make_photo, make_user
from tests.social.lean import sent
from tests.social.moderation.scene import decided, make_moderator, reported
from tests.social.moderation.test_desk import QUEUE, desk_of

INDEX = "/admin/"


def test_whoever_may_see_cases_reads_how_many_wait_for_one_query(db: None, alice: User) -> None:
    moderator = make_moderator("mona", "view_moderationcase")
    appealed = decided(alice, Verb.WARN, make_moderator("otto"))
    appeals.appeal(decision=appealed, words="No.")
    decided(make_user(), Verb.DISMISS, moderator)
    reported(make_photo(alice))
    desk = desk_of(moderator)
    with sent() as statements:
        page = desk.get(INDEX).text
    assert f'<a href="{QUEUE}">2 cases waiting</a>' in page
    assert "Recent actions" in page
    assert sum("social_moderationcase" in str(one) for one in statements) == 1


def test_staff_who_may_not_see_cases_are_not_told_how_many_there_are(db: None, alice: User) -> None:
    reported(alice)
    desk = desk_of(make_moderator("phil", "view_photo"))
    with sent() as statements:
        page = desk.get(INDEX).text
    assert "waiting" not in page
    assert not any("social_moderationcase" in str(one) for one in statements)
