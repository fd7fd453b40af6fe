"""Web Push from the notification to the device, through a real service that decrypts it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

pytest.importorskip("pywebpush", reason="the extra push is not installed (make push)")

from accounts import services as accounts
from accounts.models import User
from photos.models import Photo
from photos.services import comment, like, unlike
from social import follows, mutes
from social.filters.service import set_words
from social.models import PushDevice
from social.notifications import inbox
from social.notifications.push import devices, keys, sending, service
from tests.factories import make_photo, make_user
from tests.social.notifications.push.service import HOST, Device, PushService, running

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PushService]:
    with running(tmp_path_factory.mktemp("push")) as there:
        yield there


@pytest.fixture(autouse=True)
def site(server: PushService, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a site that sends pushes at once, and takes the tests' service for one of the net."""
    settings.BACKGROUND_WORKER = True
    settings.SITE_URL = "https://photos.example.org"
    settings.SECURE_SSL_REDIRECT = False
    find = socket.getaddrinfo

    def found(host: str, *args: Any, **options: Any) -> Any:
        return find("127.0.0.1" if host == HOST else host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", found)
    monkeypatch.setattr(sending, "PORTS", {443, server.port})
    monkeypatch.setattr(sending, "CERTIFICATES", server.certificate)
    monkeypatch.setattr(sending, "is_public", lambda address: True)
    monkeypatch.setattr(service, "SETTLING", -timedelta(seconds=1))
    monkeypatch.setattr(service, "PAUSE", timedelta(0))


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def photo(alice: User) -> Photo:
    return make_photo(alice)


def turn_on(browser: Client, server: PushService, device: Device) -> None:
    target = device.target(server.port)
    body = {"endpoint": target.endpoint, "p256dh": target.p256dh, "auth": target.auth}
    answer = browser.post("/settings/notifications/device/", body)
    assert answer.status_code == 204, answer.content
    PushDevice.objects.update(sent_up_to=0)


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
        inbox.mark_read(user=alice, up_to=inbox.id_at(timezone.now() + timedelta(seconds=30)))
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
        accounts.suspend(user=alice)
    elif how == "expired":
        browser.session.model.objects.update(expire_date=timezone.now())
    else:
        browser.session.model.objects.all().delete()
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


BAD = {
    "plain HTTP": ("https:", "http:"),
    "an address of this machine": (HOST, "127.0.0.1"),
    "a name of this machine": (HOST, "localhost"),
    "an IPv6 address": (HOST, "[::1]"),
    "a number": (HOST, "2130706433"),
    "a user": ("https://", "https://user:secret@"),
    "another port": ("https://", "https://x.example.org:22/"),
    "a line break": ("/send", "/\r\nsend"),
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD)
def test_what_is_no_address_of_a_push_service_is_refused(
    server: PushService, alice: User, change: tuple[str, str]
) -> None:
    target = server.device().target(server.port)
    wrong = sending.Target(target.endpoint.replace(*change), target.p256dh, target.auth)
    with pytest.raises(ValidationError):
        devices.turn_on(user=alice, login="s:x", target=wrong)
    assert not PushDevice.objects.exists()


def test_keys_that_are_none_are_refused_in_words(browser: Client, server: PushService) -> None:
    target = server.device().target(server.port)
    for p256dh, auth in (("", ""), (target.p256dh[:-4], target.auth), (target.p256dh, "é")):
        body = {"endpoint": target.endpoint, "p256dh": p256dh, "auth": auth}
        answer = browser.post("/settings/notifications/device/", body)
        assert answer.status_code == 422
        assert b"not the address of a push service" in answer.content


def test_the_api_turns_an_apps_device_on_and_off(
    api_as: Callable[[User], APIClient],
    server: PushService,
    photo: Photo,
    alice: User,
    bob: User,
) -> None:
    client, device = api_as(alice), server.device()
    address = "/api/v1/me/activity/device/"
    assert client.get(address).json() == {"public_key": keys.public_key(), "on": False}
    target = device.target(server.port)
    body = {"endpoint": target.endpoint, "p256dh": target.p256dh, "auth": target.auth}
    assert client.put(address, body, format="json").status_code == 204
    assert client.get(address).json()["on"] is True
    PushDevice.objects.update(sent_up_to=0)
    like(user=bob, photo_id=photo.pk)
    service.send_due()
    assert device.bodies == ["bob likes your photo"]
    wrong = body | {"endpoint": "http://127.0.0.1/"}
    assert client.put(address, wrong, format="json").status_code == 400
    assert client.delete(address).status_code == 204
    assert not PushDevice.objects.exists()


def test_the_settings_offer_it_where_the_site_can(browser: Client, settings: Any) -> None:
    page = browser.get("/settings/notifications/").content.decode()
    assert f'data-push-key="{keys.public_key()}"' in page
    settings.BACKGROUND_WORKER = False
    assert "data-push-key" not in browser.get("/settings/notifications/").content.decode()


def test_a_device_that_is_on_is_turned_off_without_a_script(
    browser: Client, server: PushService
) -> None:
    turn_on(browser, server, server.device())
    assert "Turn off on this device" in browser.get("/settings/notifications/").content.decode()
    assert browser.post("/settings/notifications/device/off/").status_code == 302
    assert not PushDevice.objects.exists()


def test_nobody_has_more_than_twenty_devices(server: PushService, alice: User) -> None:
    for number in range(devices.MOST + 2):
        target = server.device().target(server.port)
        devices.turn_on(user=alice, login=f"s:{number}", target=target)
    held = set(PushDevice.objects.values_list("login", flat=True))
    assert len(held) == devices.MOST
    assert "s:0" not in held


def test_maintain_deletes_devices_whose_log_in_has_ended(
    browser: Client, server: PushService
) -> None:
    turn_on(browser, server, server.device())
    assert service.delete_closed() == 0
    browser.logout()
    assert service.delete_closed() == 1


def test_private_addresses_are_told_from_public_ones() -> None:
    private = "127.0.0.1 10.0.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 ::1"
    private += " fe80::1 fc00::1 ::ffff:10.0.0.1 2002:0a00:0001::1 64:ff9b::10.0.0.1"
    from social.notifications.push.sending import ipaddress

    for address in private.split():
        assert not original_is_public(str(ipaddress.ip_address(address))), address
    for address in ("8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"):
        assert original_is_public(address), address


original_is_public = sending.is_public
