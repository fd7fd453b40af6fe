"""The daily digest: at the right hour, once, of what is unread, and ended by one click."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import services
from accounts.models import EmailCheck, EmailConfirmation, User
from photos.models import Photo
from photos.services import like, unlike
from social import follows
from social.notifications import inbox
from social.notifications.digest import service
from social.notifications.digest.schedule import day_of, next_due
from social.notifications.kinds import Kind
from social.notifications.models import Digest
from tests.accounts.doors.scene import site_with
from tests.factories import make_photo
from tests.social.notifications.scene import read_all, said

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
ApiAs = Callable[[User | None], APIClient]


@pytest.fixture
def photo(alice: User) -> Photo:
    """Return a photo of alice, who has a digest that is due."""
    service.turn_on(user=alice, hour=8, zone="Europe/Berlin")
    due()
    return make_photo(alice)


def due() -> None:
    """Make every digest due now, as on another day."""
    yesterday = timezone.now() - timedelta(days=1)
    Digest.objects.update(due_at=yesterday, last_day=None)


def test_a_digest_names_what_is_unread(alice: User, bob: User, photo: Photo) -> None:
    like(user=bob, photo_id=photo.pk)
    said(bob, photo, "So\nblue.")
    assert service.send_due() == 1
    (message,) = mail.outbox
    assert message.to == [alice.email]
    assert message.subject.endswith(": bob commented on your photo and 1 more")
    assert "- bob likes your photo\n" in message.body
    assert '"So blue."' in message.body
    assert photo.get_absolute_url() in message.body


def test_two_runs_send_one_mail_and_another_day_nothing_that_was_sent(
    bob: User, carol: User, photo: Photo
) -> None:
    like(user=bob, photo_id=photo.pk)
    assert [service.send_due(), service.send_due()] == [1, 0]
    due()
    assert service.send_due() == 1
    assert len(mail.outbox) == 1
    said(carol, photo)
    due()
    call_command("send_digests")
    assert len(mail.outbox) == 2
    assert "likes your photo" not in mail.outbox[1].body


def test_of_two_who_claim_it_at_once_one_gets_it(bob: User, photo: Photo) -> None:
    like(user=bob, photo_id=photo.pk)
    (seen,) = Digest.objects.all()
    assert service._claim(seen, timezone.now())
    assert not service._claim(seen, timezone.now())
    assert len(mail.outbox) == 1


def test_with_a_worker_claim_and_task_are_one_transaction(
    bob: User, photo: Photo, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    like(user=bob, photo_id=photo.pk)
    settings.BACKGROUND_WORKER = True

    def break_down(*_: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(type(service.send), "enqueue", break_down)
    with pytest.raises(ConnectionError):
        service.send_due()
    monkeypatch.undo()
    settings.BACKGROUND_WORKER = False
    assert service.send_due() == 1
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    "before",
    [
        lambda alice, bob, photo: unlike(user=bob, photo_id=photo.pk),
        lambda alice, bob, photo: follows.block(blocker=bob, blocked=alice),
        lambda alice, bob, photo: services.suspend(user=bob),
        lambda alice, bob, photo: services.suspend(user=alice),
        lambda alice, bob, photo: inbox.set_wanted(user=alice, kinds=[Kind.COMMENT]),
        lambda alice, bob, photo: read_all(alice),
        lambda alice, bob, photo: service.turn_off(alice.pk),
    ],
)
def test_what_is_not_to_be_told_any_more_makes_no_mail(
    alice: User, bob: User, photo: Photo, before: Callable[[User, User, Photo], object]
) -> None:
    like(user=bob, photo_id=photo.pk)
    before(alice, bob, photo)
    service.send_due()
    assert mail.outbox == []


@pytest.mark.parametrize("check", [EmailCheck.OPTIONAL, EmailCheck.REQUIRED])
def test_where_addresses_are_checked_one_that_is_not_confirmed_gets_no_digest(
    alice: User, bob: User, photo: Photo, check: EmailCheck
) -> None:
    site_with(email_check=check)
    like(user=bob, photo_id=photo.pk)
    service.send_due()
    assert mail.outbox == []
    confirmation = EmailConfirmation.objects.create(
        user=alice, email=alice.email, nonce="n", sent_at=timezone.now()
    )
    for confirmed_at, number in ((None, 0), (timezone.now(), 1)):
        confirmation.confirmed_at = confirmed_at
        confirmation.save()
        due()
        service.send_due()
        assert len(mail.outbox) == number


def test_opening_the_link_changes_nothing_and_one_click_ends_it(
    alice: User, bob: User, photo: Photo
) -> None:
    like(user=bob, photo_id=photo.pk)
    service.send_due()
    (message,) = mail.outbox
    link = message.extra_headers["List-Unsubscribe"].strip("<>")
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in message.body
    client = Client(enforce_csrf_checks=True)
    path = "/" + link.split("/", 3)[3]
    for _ in range(2):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
    assert Digest.objects.filter(owner=alice).exists()
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Digest.objects.exists()
    assert client.post(path).status_code == 200


def test_a_forged_link_is_none(client: Client, alice: User) -> None:
    service.turn_on(user=alice, hour=8, zone="UTC")
    for token in (str(alice.pk), f"{alice.pk}:x", service.token_of(alice.pk)[:-1]):
        assert client.post(f"/digest/{token}/").status_code == 404
    assert Digest.objects.exists()


# Local noon, hour, zone, and the hours of UTC at which a digest is due on the days that follow.
CHANGES = [
    # Clocks go forward on 29 March 2026 and back on 25 October, at 1:00 UTC.
    (datetime(2026, 3, 27, 12, tzinfo=UTC), 8, "Europe/Berlin", [7, 6, 6]),
    (datetime(2026, 10, 23, 12, tzinfo=UTC), 8, "Europe/Berlin", [6, 7, 7]),
    # An hour that there is not, and one that there is twice.
    (datetime(2026, 3, 27, 12, tzinfo=UTC), 2, "Europe/Berlin", [1, 1, 0]),
    (datetime(2026, 10, 23, 12, tzinfo=UTC), 2, "Europe/Berlin", [0, 0, 1]),
    (datetime(2026, 3, 27, 12, tzinfo=UTC), 8, "Asia/Kolkata", [2, 2, 2]),
]


@pytest.mark.parametrize(("now", "hour", "zone", "hours"), CHANGES)
def test_when_the_clocks_change_a_digest_stays_at_its_hour_once_a_day(
    now: datetime, hour: int, zone: str, hours: list[int]
) -> None:
    last_day: date | None = None
    dues = []
    for _ in hours:
        now = next_due(hour, zone, now, last_day)
        last_day = day_of(now, zone)
        dues.append(now)
    assert [due.hour for due in dues] == hours
    days = [day_of(due, zone) for due in dues]
    assert days == [days[0] + timedelta(days=number) for number in range(3)]


def test_another_hour_on_the_day_of_a_digest_counts_from_the_next(alice: User) -> None:
    service.turn_on(user=alice, hour=0, zone="UTC")
    due()
    service.send_due()
    service.turn_on(user=alice, hour=23, zone="UTC")
    assert Digest.objects.get().due_at.date() == timezone.now().date() + timedelta(days=1)


def test_pages_and_api_turn_it_on_and_off(browser_as: As, api_as: ApiAs, alice: User) -> None:
    browser, api = browser_as(alice), api_as(alice)
    address = "/api/v1/me/activity/digest/"
    assert api.get(address).json() == {"hour": None, "zone": "UTC"}
    browser.post("/settings/notifications/digest/", {"hour": "7", "zone": "Asia/Tokyo"})
    assert api.get(address).json() == {"hour": 7, "zone": "Asia/Tokyo"}
    page = browser.get("/settings/notifications/").content.decode()
    assert '<option value="Asia/Tokyo" selected>' in page
    put = api.put(address, {"hour": 9, "zone": "Europe/Berlin"}, format="json")
    assert put.json() == {"hour": 9, "zone": "Europe/Berlin"}
    api.put(address, {"hour": None, "zone": "UTC"}, format="json")
    assert not Digest.objects.exists()
    browser.post("/settings/notifications/digest/", {"hour": "", "zone": "UTC"})


@pytest.mark.parametrize(
    ("field", "sent"),
    [("zone", {"hour": 1, "zone": "Mars/Olympus"}), ("hour", {"hour": 24, "zone": "UTC"})],
)
def test_an_hour_or_a_zone_that_is_none_is_refused(
    browser_as: As, api_as: ApiAs, alice: User, field: str, sent: dict[str, Any]
) -> None:
    answer = api_as(alice).put("/api/v1/me/activity/digest/", sent, format="json")
    assert list(answer.json()["errors"]) == [field]
    page = browser_as(alice).post("/settings/notifications/digest/", sent)
    assert page.status_code == 422
    assert "Select a valid choice" in page.content.decode()
