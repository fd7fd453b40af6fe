"""A site that sends pushes, and the service that it sends them to."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from accounts.models import User
from photos.models import Photo
from social.notifications.push import sending, service
from tests.factories import make_photo

if TYPE_CHECKING:
    from tests.social.notifications.push.service import PushService

HOST = "push.example.org"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PushService]:
    # The libraries are an extra: without them the tests are skipped, and this is never called.
    from tests.social.notifications.push.service import running

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
