"""The password of a share link: asked for at every address, told to nobody, guessed slowly."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.test import Client
from rest_framework.test import APIClient

from photos.models import Photo
from social.albums import links
from social.albums.models import ShareLink
from tests.photos.files.test_views import fetch
from tests.social.albums.linked import album_link, link_to, reachable, unlocked

pytestmark = pytest.mark.django_db


def test_the_answers_are_kept_indexed_and_passed_on_by_nobody(client: Client, photo: Photo) -> None:
    token = link_to(photo, password="tell nobody")
    for opened in (False, True):
        if opened:
            client.post(f"/s/{token}/unlock/", {"password": "tell nobody"})
        for _, address in reachable(token, photo):
            answer = fetch(client, address)
            assert answer.status_code == (200 if opened and "/api/" not in address else 401)
            assert "no-store" in answer["Cache-Control"], address
            assert answer["X-Robots-Tag"] == "noindex"
            assert answer["Referrer-Policy"] == "same-origin"


def test_every_address_of_a_link_with_a_password_asks_for_it(photo: Photo) -> None:
    for token in (
        link_to(photo, password="tell"),
        album_link(photo.author, photo, password="tell"),
    ):
        for route, address in reachable(token, photo):
            for headers in ({}, {"X-Share-Key": "x"}, {"X-Share-Key": "a:b:c"}):
                answer = fetch(Client(), address, headers=headers)
                assert answer.status_code == 401, route
                assert answer["WWW-Authenticate"].startswith("SharePassword")
                body = getattr(answer, "body", answer.content)
                assert b"WEBP" not in body
                assert b"at the sea" not in body
                assert b"Summer" not in body


def test_the_key_of_one_link_opens_no_other(client: Client, photo: Photo) -> None:
    one, other = (link_to(photo, password="tell") for _ in range(2))
    key = unlocked(client, one, "tell")
    assert client.get(f"/s/{one}/").status_code == 200
    assert client.get(f"/s/{other}/").status_code == 401
    for token, status in ((one, 200), (other, 401)):
        answer = APIClient().get(f"/api/v1/shared/{token}/", headers=key)
        assert answer.status_code == status
    cookie = client.cookies["share_key"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (f"/s/{one}/", True, "Lax")


def test_a_key_ends(photo: Photo, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    token = link_to(photo, password="tell")
    key = unlocked(client, token, "tell")
    monkeypatch.setattr(links, "UNLOCKED_FOR", timedelta(seconds=-1))
    assert APIClient().get(f"/api/v1/shared/{token}/", headers=key).status_code == 401


def test_another_password_is_told_and_opens_nothing(client: Client, photo: Photo) -> None:
    token = link_to(photo, password="tell")
    for password, words in (("tall", "isn’t the password"), ("", "Type the password")):
        page = client.post(f"/s/{token}/unlock/", {"password": password})
        assert page.status_code == 401
        assert words in page.text
    assert "share_key" not in client.cookies
    answer = APIClient().post(f"/api/v1/shared/{token}/unlock/", {"password": "tall"})
    assert (answer.status_code, answer.json()["code"]) == (401, "password_needed")


def test_guesses_are_limited_on_pages_and_api_together(client: Client, photo: Photo) -> None:
    token = link_to(photo, password="tell")
    for _ in range(5):
        assert client.post(f"/s/{token}/unlock/", {"password": "x"}).status_code == 401
        answer = APIClient().post(f"/api/v1/shared/{token}/unlock/", {"password": "x"})
        assert answer.status_code == 401
    assert client.post(f"/s/{token}/unlock/", {"password": "tell"}).status_code == 429
    answer = APIClient().post(f"/api/v1/shared/{token}/unlock/", {"password": "tell"})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    other = link_to(photo, password="tell")
    assert client.post(f"/s/{other}/unlock/", {"password": "tell"}).status_code == 302


def test_neither_token_nor_password_is_kept_as_it_is(photo: Photo) -> None:
    token = link_to(photo, password="tell nobody")
    row = ShareLink.objects.values().get()
    assert row["token_hash"] == hashlib.sha256(token.encode()).hexdigest()
    assert row["password"].startswith("argon2")
    assert token not in str(row)
    assert "tell nobody" not in str(row)
    assert len(token) >= 43
