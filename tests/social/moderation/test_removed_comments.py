"""Comments that moderators remove, and that come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from photos.services import comment, delete_comment
from social.moderation import deciding
from social.moderation.models import Verb
from social.upkeep import reconcile
from tests.factories import make_photo
from tests.social.moderation.scene import decided, make_moderator

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]


@pytest.fixture
def mona(db: None) -> User:
    return make_moderator()


def drift() -> int:
    """Return how many people and photos have wrong counters."""
    return sum(wrong for _, wrong in reconcile(fix=False).values())


def test_a_removed_comment_is_gone_and_comes_back_at_its_place(
    api_as: As, mona: User, alice: User, bob: User
) -> None:
    photo = make_photo(bob)
    written = comment(author=alice, photo_id=photo.pk, text="Rude")
    comment(author=bob, photo_id=photo.pk, text="Later")
    decision = decided(written, Verb.REMOVE, mona)
    path = f"/api/v1/photos/{photo.pk}/comments/"
    assert [row["text"] for row in api_as(bob).get(path).json()["results"]] == ["Later"]
    deciding.undo(decision=decision, moderator=mona)
    shown = [row["text"] for row in api_as(bob).get(path).json()["results"]]
    assert shown == ["Later", "Rude"]
    assert drift() == 0


@pytest.mark.parametrize("thread_goes", [False, True])
def test_removed_comments_of_a_thread_come_back(
    api_as: As, mona: User, alice: User, bob: User, *, thread_goes: bool
) -> None:
    photo = make_photo(bob)
    top = comment(author=alice, photo_id=photo.pk, text="Top @bob")
    reply = comment(author=bob, photo_id=photo.pk, text="Reply", reply_to=top)
    without_reply = decided(reply, Verb.REMOVE, mona)
    if thread_goes:
        delete_comment(comment=top)
        deciding.undo(decision=without_reply, moderator=mona)
    else:
        without_top = decided(top, Verb.REMOVE, mona)
        for decision in (without_top, without_reply):
            deciding.undo(decision=decision, moderator=mona)
    rows = api_as(bob).get(f"/api/v1/photos/{photo.pk}/comments/").json()["results"]
    assert rows[-1]["text"] == ("Reply" if thread_goes else "Top @bob")
    assert rows[-1]["reply_count"] == (0 if thread_goes else 1)
    assert drift() == 0


def test_a_removed_comment_with_replies_gets_its_words_again(
    api_as: As, mona: User, alice: User, bob: User
) -> None:
    photo = make_photo(bob)
    top = comment(author=alice, photo_id=photo.pk, text="Rude to @bob")
    comment(author=bob, photo_id=photo.pk, text="Reply", reply_to=top)
    decision = decided(top, Verb.REMOVE, mona)
    path = f"/api/v1/photos/{photo.pk}/comments/"
    assert api_as(bob).get(path).json()["results"][0]["author"] is None
    deciding.undo(decision=decision, moderator=mona)
    row = api_as(bob).get(path).json()["results"][0]
    assert (row["text"], row["reply_count"]) == ("Rude to @bob", 1)
    assert row["entities"]
    assert drift() == 0
