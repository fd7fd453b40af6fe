"""Devices: which addresses are taken, and who turns them on and off."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from rest_framework.test import APIClient

pytest.importorskip("pywebpush", reason="the extra push is not installed (make push)")

from accounts.models import User
from photos.models import Photo
from photos.services import like
from social.models import PushDevice
from social.notifications.push import devices, keys, sending, service
from tests.social.notifications.push.service import HOST, PushService, turn_on

pytestmark = pytest.mark.django_db


# As it is, whatever the tests' site takes for public.
IS_PUBLIC = sending.is_public
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
    assert "Turn off for this device" in browser.get("/settings/notifications/").content.decode()
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
    for address in private.split():
        assert not IS_PUBLIC(str(ipaddress.ip_address(address))), address
    for address in ("8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"):
        assert IS_PUBLIC(address), address
