"""Web Push from the notification to the device, through a real service that decrypts it."""

from __future__ import annotations

import time
from datetime import timedelta

import jwt
import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

pytest.importorskip("pywebpush", reason="the extra push is not installed (make push)")

from accounts.models import User
from accounts.services import suspend
from minigram_site.fields.snowflake import id_at
from photos.models import Photo
from photos.services import comment, like, unlike
from social import follows, mutes
from social.filters.service import set_words
from social.models import PushDevice
from social.notifications import inbox
from social.notifications.push import keys, sending, service
from tests.factories import make_photo, make_user
from tests.social.notifications.push.service import PushService, turn_on

pytestmark = pytest.mark.django_db


def test_a_like_is_shown_on_the_device(
    browser: Client, server: PushService, photo: Photo, bob: User
) -> None:
    device = server.device()
    turn_on(browser, server, device)
    like(user=bob, photo_id=photo.pk)
    assert service.send_due() == 1
    (shown,) = device.received
    assert shown["body"] == "bob likes your photo"
    assert shown["url"] == photo.get_absolute_url()
    headers = device.headers[0]
    assert headers["Content-Encoding"] == "aes128gcm"
    assert int(headers["TTL"]) > 0
    claims = server.key_of(headers["Authorization"])
    assert claims["sub"] == "https://photos.example.org"


def test_each_service_is_told_that_the_message_is_for_it_and_for_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for now in (2_000_000_000, 2_000_100_000):
        monkeypatch.setattr(time, "time", lambda now=now: now)
        for host in ("https://push.example.org", "https://push.example.net:8443"):
            token = keys.authorization(f"{host}/send/1").partition("t=")[2].partition(",")[0]
            claims = jwt.decode(token, options={"verify_signature": False})
            assert claims["aud"] == host
            assert now < claims["exp"] <= now + 86_400


def test_it_is_sent_once_however_often_the_worker_looks(
    browser: Client, server: PushService, photo: Photo, bob: User
) -> None:
    device = server.device()
    turn_on(browser, server, device)
    like(user=bob, photo_id=photo.pk)
    for _ in range(3):
        service.send_due()
    for _ in range(5):
        unlike(user=bob, photo_id=photo.pk)
        like(user=bob, photo_id=photo.pk)
        service.send_due()
    assert device.bodies == ["bob likes your photo"]


def test_likes_of_one_photo_take_each_others_place(
    browser: Client, server: PushService, photo: Photo, bob: User
) -> None:
    device = server.device()
    turn_on(browser, server, device)
    like(user=bob, photo_id=photo.pk)
    service.send_due()
    like(user=make_user("carol"), photo_id=photo.pk)
    service.send_due()
    assert device.bodies == ["bob likes your photo", "carol and bob like your photo"]
    assert len({one["tag"] for one in device.received}) == 1
    assert len({one["Topic"] for one in device.headers}) == 1


def test_many_things_at_once_are_one_message(
    browser: Client, server: PushService, alice: User, bob: User
) -> None:
    device = server.device()
    turn_on(browser, server, device)
    for _ in range(5):
        like(user=bob, photo_id=make_photo(alice).pk)
    service.send_due()
    assert device.bodies == ["5 new notifications"]
    assert device.received[0]["url"] == "/activity/"


def test_no_word_of_a_comment_is_on_a_locked_screen(
    browser: Client, server: PushService, photo: Photo, bob: User
) -> None:
    device = server.device()
    turn_on(browser, server, device)
    comment(author=bob, photo_id=photo.pk, text="meet me at nine")
    service.send_due()
    assert device.bodies == ["bob commented on your photo"]


@pytest.mark.parametrize("why", ["muted", "blocked", "filtered", "read", "silent", "taken back"])
def test_what_is_not_news_to_them_is_not_sent(
    browser: Client, server: PushService, photo: Photo, alice: User, bob: User, why: str
) -> None:
    device = server.device()
    turn_on(browser, server, device)
    if why == "filtered":
        set_words(user=alice, words=["spider"])
    comment(author=bob, photo_id=photo.pk, text="a spider!")
    if why == "muted":
        mutes.mute(muter=alice, muted=bob)
    elif why == "blocked":
        follows.block(blocker=alice, blocked=bob)
    elif why == "read":
        inbox.mark_read(user=alice, up_to=id_at(timezone.now() + timedelta(seconds=30)))
    elif why == "silent":
        inbox.set_wanted(user=alice, kinds=[])
    elif why == "taken back":
        photo.comments.all().delete()
    service.send_due()
    assert device.received == []
    assert service.send_due() == 0


@pytest.mark.parametrize("how", ["log-out", "password", "suspended", "expired", "every session"])
def test_it_ends_with_the_log_in(
    browser: Client, server: PushService, photo: Photo, alice: User, bob: User, how: str
) -> None:
    device = server.device()
    turn_on(browser, server, device)
    if how == "log-out":
        browser.logout()
    elif how == "password":
        alice.set_password("another-horse-8")
        alice.save()
    elif how == "suspended":
        suspend(user=alice)
    elif how == "expired":
        Session.objects.update(expire_date=timezone.now())
    else:
        Session.objects.all().delete()
    like(user=bob, photo_id=photo.pk)
    service.send_due()
    assert device.received == []
    assert not PushDevice.objects.exists() or how == "suspended"


def test_whoever_turns_a_device_on_has_it_alone(
    browser: Client, server: PushService, photo: Photo, alice: User, bob: User
) -> None:
    device = server.device()
    turn_on(browser, server, device)
    other = Client()
    other.force_login(bob)
    turn_on(other, server, device)
    like(user=bob, photo_id=photo.pk)
    service.send_due()
    assert device.received == []
    assert [held.owner for held in PushDevice.objects.all()] == [bob]


@pytest.mark.parametrize("status", [404, 410, 403])
def test_a_device_that_is_gone_is_forgotten_and_the_others_are_told(
    browser: Client,
    server: PushService,
    photo: Photo,
    alice: User,
    bob: User,
    status: int,
) -> None:
    gone, there = server.device(status), server.device()
    turn_on(browser, server, gone)
    second = Client()
    second.force_login(alice)
    turn_on(second, server, there)
    like(user=bob, photo_id=photo.pk)
    service.send_due()
    assert there.bodies == ["bob likes your photo"]
    assert [one.endpoint for one in PushDevice.objects.all()] == [
        there.target(server.port).endpoint
    ]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_service_that_is_out_of_order_is_asked_again_later(
    browser: Client, server: PushService, photo: Photo, bob: User, status: int
) -> None:
    device = server.device((status, {"Retry-After": "120"}), status)
    turn_on(browser, server, device)
    like(user=bob, photo_id=photo.pk)
    service.send_due()
    held = PushDevice.objects.get()
    assert held.failures == 1
    assert timedelta(seconds=110) < held.due_at - timezone.now() <= timedelta(seconds=120)
    assert service.send_due() == 0
    for _ in range(2):
        PushDevice.objects.update(due_at=timezone.now())
        service.send_due()
    assert device.bodies == ["bob likes your photo"]
    assert PushDevice.objects.get().failures == 0


def test_a_redirect_is_not_followed(
    browser: Client, server: PushService, photo: Photo, bob: User
) -> None:
    other = server.device()
    device = server.device((307, {"Location": other.target(server.port).endpoint}))
    turn_on(browser, server, device)
    like(user=bob, photo_id=photo.pk)
    service.send_due()
    assert other.headers == []
    assert PushDevice.objects.get().failures == 1


def test_a_name_that_leads_into_a_private_network_is_not_connected_to(
    browser: Client,
    server: PushService,
    photo: Photo,
    bob: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The name was public when the device was turned on, and is not when something is sent."""
    device = server.device()
    turn_on(browser, server, device)
    monkeypatch.setattr(
        sending, "is_public", lambda address: not address.startswith("127.") and address != "::1"
    )
    like(user=bob, photo_id=photo.pk)
    service.send_due()
    assert device.headers == []
    assert PushDevice.objects.get().failures == 1


def test_a_worker_that_dies_before_it_sends_loses_nothing(
    browser: Client,
    server: PushService,
    photo: Photo,
    bob: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    device = server.device()
    turn_on(browser, server, device)
    like(user=bob, photo_id=photo.pk)
    with monkeypatch.context() as dying:
        dying.setattr(service, "deliver", lambda *args: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            service.send_due()
    assert service.send_due() == 0  # still claimed
    PushDevice.objects.update(due_at=timezone.now())
    service.send_due()
    assert device.bodies == ["bob likes your photo"]
