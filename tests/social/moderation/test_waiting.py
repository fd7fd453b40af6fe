"""Mails to the staff of what waits for a decision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Admission, User
from social.models import DeskMail
from social.moderation import deciding
from social.moderation.desk import waiting
from social.moderation.models import Verb
from tests.factories import make_photo, make_user
from tests.social.moderation.scene import make_moderator, reported

pytestmark = pytest.mark.django_db


@pytest.fixture
def mona(settings: Any) -> User:
    settings.BACKGROUND_WORKER = False
    user = make_moderator()
    waiting.set_on(user=user, on=True)
    return user


def an_hour_passes() -> None:
    DeskMail.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def somebody_waits() -> User:
    person = make_user()
    User.objects.filter(pk=person.pk).update(is_active=False)
    Admission.objects.create(user=person, state=Admission.State.WAITING, needs_approval=True)
    return person


def test_what_came_in_is_one_mail_and_the_next_comes_an_hour_later(mona: User, alice: User) -> None:
    reported(make_photo(alice))
    reported(make_photo(alice))
    assert waiting.send_due() == 1
    (sent,) = mail.outbox
    assert sent.to == [mona.email]
    assert "2 reports or appeals wait for a moderator" in sent.body
    assert "/admin/social/moderationcase/" in sent.body
    reported(make_photo(alice))
    assert waiting.send_due() == 0
    an_hour_passes()
    assert waiting.send_due() == 1
    assert "3 reports or appeals" in mail.outbox[1].body
    an_hour_passes()
    assert waiting.send_due() == 0


def test_what_was_decided_meanwhile_is_no_mail(mona: User, alice: User) -> None:
    case = reported(make_photo(alice))
    deciding.decide(case=case, moderator=mona, verb=Verb.DISMISS, reason="Fine.")
    assert waiting.send_due() == 0
    assert mail.outbox == []


def test_people_who_wait_are_told_to_who_may_let_them_in(mona: User) -> None:
    somebody_waits()
    assert waiting.send_due() == 0
    mona.user_permissions.add(Permission.objects.get(codename="view_admission"))
    assert waiting.send_due() == 1
    assert "1 person waits to be let in" in mail.outbox[0].body
    assert "report" not in mail.outbox[0].body


@pytest.mark.parametrize("why", ["suspended", "no staff any more", "turned off"])
def test_who_is_not_to_have_it_gets_none(mona: User, alice: User, why: str) -> None:
    if why == "suspended":
        User.objects.filter(pk=mona.pk).update(is_active=False)
    elif why == "no staff any more":
        User.objects.filter(pk=mona.pk).update(is_staff=False)
    else:
        waiting.set_on(user=mona, on=False)
    reported(make_photo(alice))
    assert waiting.send_due() == 0
    assert mail.outbox == []


def test_the_staff_turn_it_on_in_their_settings_and_nobody_else(
    client: Client, alice: User
) -> None:
    address = "/settings/notifications/desk/"
    client.force_login(alice)
    assert client.post(address, {"on": "on"}).status_code == 404
    assert "E-mail for the staff" not in client.get("/settings/notifications/").content.decode()
    mona = make_moderator()
    client.force_login(mona)
    assert client.post(address, {"on": "on"}).status_code == 302
    assert waiting.is_on(mona)
    page = client.get("/settings/notifications/").content.decode()
    assert 'name="on" checked' in page
    client.post(address)
    assert not waiting.is_on(mona)
