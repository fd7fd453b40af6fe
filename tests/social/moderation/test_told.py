"""Whom a decision is about finds it among their notifications."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from social.moderation import appeals, deciding
from social.moderation.models import Verb
from social.notifications import inbox
from social.notifications.activity import activity_page
from social.notifications.wording import sentence
from tests.factories import make_photo
from tests.social.moderation.scene import decided, make_moderator

pytestmark = pytest.mark.django_db
SENTENCE = "The moderators have made a decision about you."


@pytest.fixture
def mona() -> User:
    return make_moderator()


def told(user: User) -> list[str]:
    return [str(sentence(one)) for one in activity_page(user, None).items]


def test_a_decision_is_told_once_and_leads_to_the_reason(
    client: Client, mona: User, alice: User
) -> None:
    decided(make_photo(alice), Verb.SENSITIVE, mona)
    assert told(alice) == [SENTENCE]
    assert inbox.unread(alice.pk) == 1
    client.force_login(alice)
    (shown,) = activity_page(alice, None).items
    assert "Against the rules." in client.get(shown.url).content.decode()
    assert not shown.people


def test_what_is_dismissed_is_told_to_nobody_it_is_about(mona: User, alice: User) -> None:
    decided(make_photo(alice), Verb.DISMISS, mona)
    assert told(alice) == []


def test_a_judged_appeal_is_news_again(mona: User, alice: User) -> None:
    decision = decided(make_photo(alice), Verb.SENSITIVE, mona)
    (shown,) = activity_page(alice, None).items
    inbox.mark_read(user=alice, up_to=shown.latest)
    appeals.appeal(decision=decision, words="It is a painting.")
    assert inbox.unread(alice.pk) == 0
    deciding.judge(decision=decision, moderator=make_moderator("otto"), accepted=False)
    assert inbox.unread(alice.pk) == 1
    assert told(alice) == [SENTENCE]
